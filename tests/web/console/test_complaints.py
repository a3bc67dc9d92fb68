"""The look-up, the customer's page and a complaint taken down, as pages: what they say and what they do."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from amends.kernel.blueprint import load_shipped
from amends.monitor.models import Affected
from amends.monitor.services import keep_roster
from amends.people.models import Customer, CustomerChange
from amends.recover.models import Case, CloserLook, Demand, Queue, Receipt, Team
from amends.recover.services import note_receipt, watch_failed
from amends.recover.services.consent import NOT_WRITTEN, keep_withheld
from tests.web.console.world import LATE, NOW, World

TAKEN = {
    "form": "0" * 32, "kind": "baggage_lost", "subject_other": "BAG-7", "channel": "phone", "words": "我的箱子不见了！",
    "fact-loss_amount": "1,200.50", "receipt": "R-77", "unit": "",
}  # fmt: skip


def test_the_look_up_lists_who_fits_with_what_matched(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    listed = client.get(reverse("console:callers"), {"q": "klein"}).content.decode()
    assert "Rosa Klein" in listed
    assert "Ada Moreno" not in listed
    assert 'role="option"' in listed
    whole = client.get(reverse("console:customers"), {"q": "klein"}).content.decode()  # without the script
    assert "Rosa Klein" in whole
    assert (
        "没有符合“zzz”的顾客。"
        in as_("front_line", "zh-hans").get(reverse("console:callers"), {"q": "zzz"}).content.decode()
    )


def test_the_look_up_says_by_which_order_they_were_found(world: World, as_: Callable[..., Client]) -> None:
    keep_roster([(LATE, "C-3", {"order": "K7QW2P"})])
    for language, said in (("en", "order number"), ("zh-hans", "订单号")):
        listed = as_("front_line", language).get(reverse("console:callers"), {"q": "k7qw"}).content.decode()
        assert "Rosa Klein" in listed
        assert f'<span class="quiet">{said}</span> K7QW2P' in listed


def test_sums_are_in_the_packs_own_currency_unless_another_is_chosen(world: World, as_: Callable[..., Client]) -> None:
    for language, own in (("en", "USD"), ("zh-hans", "美元")):
        asked = as_("front_line", language).get(reverse("console:complaint_facts"), {"kind": "baggage_lost"})
        offered = asked.content.decode().split('name="fact-currency"')[1].split("</select>")[0]
        assert re.findall(r"<option[^>]*>([^<]*)</option>", offered)[0].startswith(own), offered


def test_a_complaint_goes_from_the_form_to_the_case_with_its_plan(world: World, as_: Callable[..., Client]) -> None:
    client, customer = as_("front_line"), Customer.objects.get(reference="C-3")
    address = f"{reverse('console:complaint')}?customer={customer.pk}"
    form = client.get(address).content.decode()
    assert LATE in form  # what they have is offered
    assert "Lost bag" in form or "baggage" in form.lower()
    asked = client.get(reverse("console:complaint_facts"), {"kind": "baggage_lost"}).content.decode()
    assert 'name="fact-loss_amount"' in asked
    assert 'name="fact-vulnerable"' not in asked  # that we know ourselves
    answer = client.post(address, TAKEN)
    case = Case.objects.order_by("-id")[0]
    assert answer["Location"] == reverse("console:case", args=[case.pk])
    assert (case.customer, case.subject, case.kind) == (customer, "BAG-7", "baggage_lost")
    assert case.plan.actions.exists()
    assert customer.messages.get(direction="in").body == "我的箱子不见了！"
    assert Receipt.objects.get(case=case).reference == "R-77"
    again = client.post(address, TAKEN)
    assert again["Location"] == answer["Location"]
    assert Case.objects.filter(customer=customer, kind="baggage_lost").count() == 1
    page = client.get(reverse("console:customer", args=[customer.pk])).content.decode()
    assert "我的箱子不见了！" in page


def test_what_is_asked_comes_in_the_order_of_the_pack(world: World, as_: Callable[..., Client]) -> None:
    for kind in ("slow", "baggage_lost", "denied_boarding"):
        said = as_("front_line").get(reverse("console:complaint_facts"), {"kind": kind}).content.decode()
        asked = list(dict.fromkeys(re.findall(r'name="fact-(\w+)"', said)))
        assert len(asked) > 1, kind
        facts = [*load_shipped("airline").taxonomy.facts]
        assert asked == sorted(asked, key=facts.index), kind


def test_a_loss_in_a_currency_that_the_tariff_does_not_know_waits_for_a_sum(
    world: World, as_: Callable[..., Client]
) -> None:
    client = as_("front_line")
    address = f"{reverse('console:complaint')}?customer={Customer.objects.get(reference='C-3').pk}"
    asked = client.get(reverse("console:complaint_facts"), {"kind": "baggage_lost"}).content.decode()
    assert '<option value="JPY">' in asked
    assert '<option value="USD">' not in asked  # that is the pack's own
    assert "doesn’t fit" in client.post(address, TAKEN | {"fact-currency": "ZZZ"}).content.decode().replace(
        "&#x27;", "’"
    )
    client.post(address, TAKEN | {"fact-currency": "JPY", "fact-loss_amount": "90,000"})
    case = Case.objects.order_by("-id")[0]
    page = client.get(reverse("console:case", args=[case.pk])).content.decode()
    assert "¥90,000" in page
    assert "yet to be entered" in page
    chinese = as_("front_line", "zh-hans").get(reverse("console:case", args=[case.pk])).content.decode()
    assert "本案金额以日元计，补偿标准以美元计，具体补偿金额（美元）由人工确定。" in chinese
    assert "90,000日元" in chinese
    waiting = case.plan.actions.get(remedy="cash", amount=None)
    act = [waiting.pk, "do"]
    done = client.post(reverse("console:action_act", args=act), {"version": case.version}, follow=True).content.decode()
    assert "enter the sum first" in done
    case.refresh_from_db()
    given = {"version": case.version, "amount": "600", "reason": "At today's rate."}
    client.post(reverse("console:action_act", args=[waiting.pk, "alter"]), given)
    waiting.refresh_from_db()
    assert (waiting.amount, waiting.currency) == (600, "USD")


def test_the_page_says_whose_the_case_is_and_why_it_is_not_theirs(world: World, as_: Callable[..., Client]) -> None:
    address = f"{reverse('console:complaint')}?customer={Customer.objects.get(reference='C-3').pk}"
    client = as_("front_line")
    assert "The case will be yours, unless a queue" in client.get(address).content.decode()
    said = client.post(address, TAKEN, follow=True).content.decode()
    assert "The complaint is on record and the case is yours." in said
    assert Case.objects.order_by("-id")[0].owner == world.staff["front_line"]
    known = "The complaint is on record in this case, which was about it already."
    assert known in client.post(address, TAKEN | {"form": "1" * 32}, follow=True).content.decode()
    hit = Affected.objects.filter(failure__subject=LATE).select_related("failure")[0]
    lightly = Customer.objects.create(reference="C-LIGHT", name="Lia Marsh", created_at=NOW)
    Affected.objects.create(failure=hit.failure, customer=lightly, severity=1, severity_why=hit.severity_why, facts={})
    theirs = f"{reverse('console:complaint')}?customer={lightly.pk}"
    about = {"form": "3" * 32, "kind": "rude_staff", "subject": "", "subject_other": LATE}
    said = client.post(theirs, TAKEN | about, follow=True).content.decode()
    assert Case.objects.order_by("-id")[0].case_failures.count() == 2  # with the delay, too light for a case by itself
    assert "The complaint is on record and the case is yours." in said
    assert known not in said
    team = Team.objects.create(name_en="Bags", name_zh="行李组", unit=world.staff["manager"].unit)
    Queue.objects.create(name_en="Lost bags", name_zh="行李丢失", team=team, kinds=["baggage_lost"])
    again = TAKEN | {"form": "2" * 32, "subject_other": "BAG-8"}
    other = f"{reverse('console:complaint')}?customer={Customer.objects.get(reference='C-4').pk}"
    said = as_("front_line", "zh-hans").post(other, again, follow=True).content.decode()
    assert "行李丢失：此类案件由专门团队处理，而登记人Mei Lin不在该团队。 案件等待“行李组”接手。" in said
    assert Case.objects.order_by("-id")[0].owner is None


def test_what_is_known_of_the_subject_is_filled_in(world: World, as_: Callable[..., Client]) -> None:
    customer = Customer.objects.get(reference="C-4")
    asked = as_("front_line").get(
        reverse("console:complaint_facts"), {"customer": customer.pk, "subject": LATE, "kind": "slow"}
    )
    assert 'name="fact-layover_minutes" value="60"' in asked.content.decode()


def test_somebody_new_is_made_known_on_the_way_but_not_twice(world: World, as_: Callable[..., Client]) -> None:
    client, address = as_("front_line"), reverse("console:complaint")
    new = {"name": "Lin Tao", "phone": "+86 138 0000 1111", "email": "", "locale": "zh-CN"}
    client.post(address, TAKEN | new)
    made = Customer.objects.get(name="Lin Tao")
    assert made.contact_points.get().address == "+8613800001111"
    assert CustomerChange.objects.get(customer=made).what == "new"
    second = TAKEN | new | {"form": "1" * 32, "name": "Lin T."}
    asked = client.post(address, second).content.decode()
    assert "We know somebody with this number" in asked
    assert f"?customer={made.pk}" in asked
    client.post(address, second | {"is_new": "1"})
    assert Customer.objects.filter(name="Lin T.").exists()


def test_what_a_customer_is_worth_is_shown_where_it_is_known(world: World, as_: Callable[..., Client]) -> None:
    client, case = as_("front_line"), Case.objects.get(customer__reference="C-3")
    label = "Worth a year</dt>"
    pages = {reverse("console:customers"): "Worth a year </span>"}
    pages |= {reverse("console:customer", args=[case.customer_id]): label}
    pages |= {reverse("console:case", args=[case.pk]): label}
    for worth in (975, 0):
        Customer.objects.update(value=worth)
        for page, shown in pages.items():
            assert (shown in client.get(page).content.decode()) is (worth > 0), page


def test_what_is_missing_is_marked_and_what_was_typed_stays(world: World, as_: Callable[..., Client]) -> None:
    client, customer = as_("front_line", "zh-hans"), Customer.objects.get(reference="C-3")
    address = f"{reverse('console:complaint')}?customer={customer.pk}"
    before = Case.objects.count()
    wrong = TAKEN | {"subject_other": "", "fact-loss_amount": "viel", "kind": "baggage_lost"}
    page = client.post(address, wrong).content.decode()
    assert "我的箱子不见了！" in page
    assert "请选择或填写投诉涉及的服务。" in page
    assert "“viel”不符合" in page
    for nonsense in ({"kind": "nonsense"}, {"channel": "pigeon"}, {"form": "x"}, {"unit": "XX-NOWHERE"}):
        assert client.post(address, TAKEN | nonsense).status_code == 200, nonsense
    assert Case.objects.count() == before


def test_language_channel_and_consent_are_changed_with_a_record(world: World, as_: Callable[..., Client]) -> None:
    client, customer = as_("front_line"), Customer.objects.get(reference="C-3")
    customer.contact_points.create(kind="phone", address="+12125550100", rank=1)
    act = reverse("console:customer_act", args=[customer.pk, "profile"])
    client.post(act, {"locale": "zh-CN", "prefers": "phone", "reason": "asked for it"})
    customer.refresh_from_db()
    assert (customer.locale, customer.prefers, customer.consent_contact) == ("zh-CN", "phone", False)
    assert customer.contact_points.order_by("rank")[0].kind == "phone"  # letters follow the rank
    changes = {change.what: change for change in CustomerChange.objects.filter(customer=customer)}
    assert changes.keys() == {"locale", "prefers", "consent"}
    assert {(change.by, change.reason) for change in changes.values()} == {(world.staff["front_line"], "asked for it")}
    client.post(act, {"locale": "xx-nonsense", "prefers": "phone"})
    customer.refresh_from_db()
    assert customer.locale == "zh-CN"
    assert as_("administrator").post(act, {"locale": "en"}).status_code == 403


def test_the_watch_is_shown_to_all_who_touch_them_and_lifted_with_a_reason(
    world: World, as_: Callable[..., Client]
) -> None:
    watch_failed(Case.objects.values_list("incident_id", flat=True), now=NOW)
    client, case = as_("supervisor"), world.case_to_call
    places = [("cases", []), ("case", [case.pk]), ("customer", [case.customer_id]), ("customers", [])]
    for name, args in places:
        assert "handle with care" in client.get(reverse(f"console:{name}", args=args)).content.decode().lower(), name
    assert "handle with care" in client.get(reverse("console:callers"), {"q": case.customer.name}).content.decode()
    lift = reverse("console:customer_act", args=[case.customer_id, "lift"])
    afar, page = as_(world.elsewhere), reverse("console:customer", args=[case.customer_id])
    assert lift not in afar.get(page).content.decode()
    assert afar.post(lift, {"reason": "Not ours."}).status_code == 403
    assert lift in client.get(page).content.decode()
    client.post(lift, {"reason": ""})
    assert Customer.objects.get(pk=case.customer_id).watch_until is not None
    client.post(lift, {"reason": "They asked us to."})
    assert Customer.objects.get(pk=case.customer_id).watch_until is None


def test_a_closer_look_is_advised_to_staff_in_both_languages_and_never_to_the_customer(
    world: World, as_: Callable[..., Client]
) -> None:
    from amends.recover.links import customer_link

    staff, case = world.staff["front_line"], world.case_to_call
    for one in (case, world.case_to_approve):
        note_receipt(one.pk, reference="R-1", acting_user=staff, now=NOW)
    for language, words in (("en", "The receipt R-1 is in case"), ("zh-hans", "凭证R-1在案件")):
        client = as_("front_line", language)
        for name, pk in (("case", case.pk), ("customer", case.customer_id)):
            assert words in client.get(reverse(f"console:{name}", args=[pk])).content.decode(), (language, name)
    link = customer_link(f"case:{case.pk}")
    shown = Client().get("/" + link.split("/", 3)[3]).content.decode()
    assert case.subject in shown
    for word in ("R-1", "closer look", "核查", "handle with care"):
        assert word not in shown
    version = Case.objects.get(pk=case.pk).version
    look = reverse("console:case_act", args=[case.pk, "look"])
    as_("front_line").post(look, {"version": version, "in_order": "yes", "note": "One bill for two."})
    assert CloserLook.objects.get().looked_by == staff
    page = as_("front_line").get(reverse("console:case", args=[case.pk])).content.decode()
    assert "One bill for two." in page
    assert "The receipt R-1 is in case" not in page


def test_a_demand_is_marked_on_the_case_page_and_its_actions_stand_in_the_plan(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    act = reverse("console:case_act", args=[case.pk, "demand"])
    client.post(act, {"version": Case.objects.get(pk=case.pk).version, "asked": "A <b>car</b>", "amount": "50000"})
    demand = Demand.objects.get()
    assert (demand.case_id, demand.amount) == (case.pk, 50_000)
    page = client.get(reverse("console:case", args=[case.pk])).content.decode()
    for words in ("Demand beyond what can be given", "A &lt;b&gt;car&lt;/b&gt;", "$50,000.00", "written record"):
        assert words in page, words


def test_what_we_owe_them_now_says_what_is_known_and_what_is_not(world: World, as_: Callable[..., Client]) -> None:
    from amends.monitor.core.signal import SignalIn
    from amends.monitor.services import accept_signals, keep_roster

    customer = world.case_to_call.customer
    keep_roster([("XX9/2026-03-03/JFK-LAX", customer.reference, {}), ("XX10/2026-03-09", customer.reference, {})])
    due = NOW + timedelta(days=1)
    data = {"depart_due": due.isoformat(), "arrive_due": (due + timedelta(hours=5)).isoformat()}
    told = SignalIn(
        id="s9", source="test", type="flight.scheduled", subject="XX9/2026-03-03/JFK-LAX", time=NOW, data=data
    )
    accept_signals([told], now=NOW)
    page = as_("front_line").get(reverse("console:customer", args=[customer.pk])).content.decode()
    for words in ("Departs on time", "Arrives on time", "XX9/2026-03-03/JFK-LAX", "nothing is known of its promises"):
        assert words in page, words


def test_what_was_not_sent_for_want_of_consent_is_shown_with_its_reason(
    world: World, as_: Callable[..., Client]
) -> None:
    customer = Customer.objects.get(reference="C-3")
    keep_withheld([(world.incident.pk, customer.pk, world.incident.blueprint_id)], now=NOW)
    page = as_("front_line").get(reverse("console:customer", args=[customer.pk])).content.decode()
    assert NOT_WRITTEN.text.en in page
    page = as_("front_line", "zh-hans").get(reverse("console:customer", args=[customer.pk])).content.decode()
    assert NOT_WRITTEN.text.zh in page
