"""What pages say, in which language, zone and theme, and that none asks the database more the more rows there are."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from amends.kernel.blueprint.standard_parts import Standard
from amends.kernel.money import Money
from amends.learn.models import Lesson, SummaryCell
from amends.learn.services import draft_lessons, refresh_summary
from amends.monitor.models import Failure
from amends.people.models import Customer, Staff
from amends.policy.models import Explanation
from amends.policy.selectors import deployment, version_in_force
from amends.recover.models import Case, Outcome, Remedy
from amends.web.console.rule_words import rule_said
from amends.web.console.standard_words import declared
from amends.web.console.words import tongue
from tests.web.console.world import NOON, NOW, World


def page(client: Client, name: str, *args: int, **query: str) -> str:
    return client.get(reverse(f"console:{name}", args=args), query).content.decode()


def test_the_case_page_has_everything_needed_to_decide(world: World, as_: Callable[..., Client]) -> None:
    text = page(as_("supervisor"), "case", world.case_to_approve.pk)
    wanted = ["Ada Moreno", "Gold", "English", "Cancelled flight", "was cancelled", "Approve", "$420.00", "acknowledge"]
    assert [words for words in wanted if words not in text] == []


def test_the_course_of_a_case_names_whose_it_is_and_comes_later_on_the_cases_page(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_approve
    own = page(as_("supervisor"), "course", case.pk)
    assert f"<title>Timeline of case {case.pk}, {case.customer.name} · Amends</title>" in own
    assert f"{case.customer.name} <span" in own[own.index("<h1") :]
    assert f"<title>案件 {case.pk} 的时间线（{case.customer.name}）" in page(
        as_("supervisor", "zh-hans"), "course", case.pk
    )
    for language, words in (("en", ("could not be loaded", "Try again")), ("zh-hans", ("未能加载", "重试"))):
        whole = page(as_("supervisor", language), "case", case.pk)
        later = whole[whole.index("data-later") : whole.index("</noscript>")]
        assert 'class="bones"' in later
        assert all(word in later for word in words)
        assert later.count(reverse("console:course", args=[case.pk])) == 4  # it, once more, and without scripts


def test_a_chinese_reader_gets_chinese_words_times_and_money(world: World, as_: Callable[..., Client]) -> None:
    text = page(as_("supervisor", "zh-hans"), "case", world.case_to_approve.pk)
    assert '<html lang="zh-hans"' in text
    for wanted in ("发生了什么", "航班取消", "金卡", "英语", "420.00美元", "2026年3月2日 15:00", "等待审批", "批准"):
        assert wanted in text, wanted
    assert "Who it is" not in text


def test_what_a_customer_is_reads_as_words_in_both_languages(world: World, as_: Callable[..., Client]) -> None:
    customer = world.case_to_approve.customer
    customer.vulnerable, customer.vulnerable_reason, customer.locale = True, "reduced_mobility", "zh-Hans"
    customer.save()
    for language, words in {
        "en": ("Gold", "Reduced mobility", "Simplified Chinese"),
        "zh-hans": ("金卡", "行动不便", "简体中文"),
    }.items():
        client = as_("supervisor", language)
        texts = [page(client, "case", world.case_to_approve.pk), page(client, "customer", customer.pk)]
        for text in texts:
            assert [word for word in words if word not in text] == []
            assert "reduced_mobility" not in text
        listed = page(client, "customers")
        assert [word for word in (words[0], words[2]) if word not in listed] == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "English"),
        ("en-US", "English"),
        ("fr_CA", "French"),
        ("zh", "Simplified Chinese"),
        ("zh-CN", "Simplified Chinese"),
        ("zh-Hans-CN", "Simplified Chinese"),
        ("zh-TW", "Traditional Chinese"),
        ("xx", "xx"),
    ],
)
def test_a_locale_is_named_by_its_language(locale: str, words: str) -> None:
    with translation.override("en"):
        assert tongue(locale) == words


def test_without_a_choice_staff_read_in_their_own_language(world: World) -> None:
    world.staff["manager"].locale = "zh-hans"
    world.staff["manager"].save()
    client = Client()
    client.force_login(world.staff["manager"])
    assert "总览" in page(client, "overview")


def test_one_click_switches_the_language_and_the_theme(world: World, as_: Callable[..., Client]) -> None:
    client = as_()
    assert 'data-theme="' not in page(client, "overview")
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/cases/"})
    answer = client.post(reverse("console:theme"), {"theme": "dark", "next": "/cases/?sort=due"})
    assert answer["Location"] == "/cases/?sort=due"
    text = page(client, "cases")
    assert 'data-theme="dark"' in text
    assert "补救案件" in text
    client.post(reverse("console:theme"), {"theme": "mauve"})
    assert 'data-theme="dark"' in page(client, "cases")


def test_a_demo_says_that_it_is_one_and_what_time_it_is_there(world: World, as_: Callable[..., Client]) -> None:
    assert "It is now 2 March 2026, 15:00 (New York)" in page(as_(), "overview")
    assert "2026年3月2日 15:00（纽约）" in page(as_("supervisor", "zh-hans"), "overview")


def test_a_company_sees_no_demo_strip(db: None) -> None:
    from amends.policy.models import Deployment
    from tests.web.console.world import build

    client = Client()
    client.force_login(build(Deployment.Kind.COMPANY).staff["supervisor"])
    assert "Passengers are synthetic" not in page(client, "overview")


def test_the_inbox_filters_sorts_and_says_when_nothing_fits(world: World, as_: Callable[..., Client]) -> None:
    client = as_()
    assert "王小明" in page(client, "cases", q="王小")
    assert "Ada Moreno" not in page(client, "cases", q="王小")
    assert "Rosa Klein" in page(client, "cases", unit="XX-EWR")
    assert "Ada Moreno" not in page(client, "cases", unit="XX-EWR")
    assert "No case fits this filter" in page(client, "cases", state="withdrawn")
    assert "No case fits this filter" in page(client, "cases", mine="1")
    for odd in ({"severity": "9"}, {"severity": "٣"}, {"state": "nonsense"}, {"sort": "colour"}, {"q": "\0"}):
        assert "Ada Moreno" in page(client, "cases", **odd)


def test_what_became_of_a_promise_is_told_in_the_order_of_time(world: World, as_: Callable[..., Client]) -> None:
    failure = Failure.objects.filter(due__isnull=False, findings__at__lt=F("due")).order_by("id").first()
    assert failure, "a finding that came before the promised time"
    told = re.findall(r'<time datetime="([^"]+)">', page(as_("supervisor"), "failure", failure.pk))
    assert failure.due.isoformat() in told
    assert told == sorted(told)


def test_decided_approvals_that_there_are_none_of_lead_back_to_what_waits(
    world: World, as_: Callable[..., Client]
) -> None:
    text = page(as_("supervisor"), "approvals", state="refused")
    assert "No approval fits this filter" in text
    assert "Nothing waits for approval" not in text


def test_an_objection_says_that_it_waits_for_an_answer_and_from_whom(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("supervisor")
    assert "waits for an answer" not in page(client, "case", case.pk)
    client.post(reverse("console:case_act", args=[case.pk, "object"]), {"version": case.version, "words": "Too late."})
    text = page(client, "case", case.pk)
    assert "The customer waits for an answer to their objection" in text
    assert "Write to them. The answer has to come from this level or above: supervisor." in text
    assert "Nothing waits for you here" not in text


def test_whoever_writes_to_a_customer_who_wants_no_contact_is_told_so(world: World, as_: Callable[..., Client]) -> None:
    case, words = world.case_to_approve, "write only what they are owed, and do not call."
    assert words not in page(as_("supervisor"), "case", case.pk)
    Customer.objects.filter(pk=case.customer_id).update(consent_contact=False)
    assert words in page(as_("supervisor"), "case", case.pk)


def test_the_inbox_says_what_leaving_costs_and_how_long_it_waits(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    case.leaving, case.owner = Decimal("3043.20"), world.staff["front_line"]
    case.save()
    assert [words for words in ("$3,043 a day", "waits ", case.owner.name) if words not in page(as_(), "cases")] == []
    assert "3,043美元/天" in page(as_("supervisor", "zh-hans"), "cases")
    case.leaving = Decimal(0)
    case.save()
    assert "$3,043" not in page(as_(), "cases")


def test_the_case_page_has_the_latest_words_of_the_customer(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    given = {"version": case.version, "words": "Nobody has called me."}
    as_("front_line").post(reverse("console:case_act", args=[case.pk, "object"]), given)
    assert "Nobody has called me." in page(as_(), "case", case.pk).split('id="who"')[0]


def test_the_overview_shows_each_role_its_own(world: World, as_: Callable[..., Client]) -> None:
    roles = ("supervisor", "front_line", "administrator")
    supervisor, front_line, administrator = (page(as_(role), "overview") for role in roles)
    assert 'class="ring"' in supervisor
    assert "Waits for your approval" in supervisor
    assert 'class="ring"' not in front_line
    assert "Deadlines next" in front_line
    assert "It does not see customers' cases" in administrator


def test_the_overview_tells_what_colleagues_recorded_from_what_customers_said(
    world: World, as_: Callable[..., Client]
) -> None:
    assert "as colleagues put it on record" not in page(as_("manager"), "overview")
    for case, source in zip(Case.objects.order_by("id")[:3], ("customer", "customer", "staff"), strict=True):
        Case.objects.filter(pk=case.pk).update(state="made_good")
        Outcome.objects.create(case=case, source=source, accepted=True, recorded_at=NOW)
    refresh_summary(now=NOW, whole=True)
    text = page(as_("manager"), "overview")
    assert "2 made good" in text
    assert "1 of those without it accepted, as colleagues put it on record" in text


def test_where_and_when_names_what_has_no_unit(world: World, as_: Callable[..., Client]) -> None:
    assert "No unit ·" not in page(as_("manager"), "learn")
    Failure.objects.update(unit=None)
    refresh_summary(now=NOW, whole=True)
    Staff.objects.filter(pk=world.staff["manager"].pk).update(unit=None)
    assert "No unit ·" in page(as_("manager"), "learn")
    assert "未指定单位 ·" in page(as_("manager", "zh-hans"), "learn")


def test_places_that_are_not_drawn_are_told_and_every_hot_spot_is_listed(
    world: World, as_: Callable[..., Client]
) -> None:
    assert "not drawn" not in page(as_("manager"), "learn")
    kept = SummaryCell.objects.exclude(unit=None).order_by("id")[0]
    SummaryCell.objects.all().delete()
    for day in range(20):
        for place in range(14):
            kept.pk, kept.day, kept.step = None, NOON.date() - timedelta(days=day), f"step-{place:02}"
            for hour in (place, 20):  # each place has its own hour, beside one that all have
                kept.pk, kept.hour, kept.failures = None, hour, 9
                kept.save()
    text = page(as_("manager"), "learn")
    assert "2 places with fewer are not drawn." in text
    listed = text[text.index("More than chance") :]
    assert [place for place in range(14) if f">{place}:00<" not in listed] == []


def test_what_a_cost_rests_on_is_said_in_the_readers_language(world: World, as_: Callable[..., Client]) -> None:
    def rests_on(language: str) -> str:
        text = page(as_("manager", language), "learn")
        return text[text.index('<details class="table">') : text.index('id="causes"')]

    english, chinese = rests_on("en"), rests_on("zh-hans")
    for said in ("<td>wage</td>", "USD per hour", "time for: apology", "own assumption"):
        assert said in english
    for said in ("<td>工资</td>", "美元/小时", "处理时间：道歉", "自行假设"):
        assert said in chinese
    assert re.findall(r"<td>[a-z]+[_.][a-z_.]+</td>", english + chinese) == []


def test_a_lesson_names_the_last_day_that_counts(world: World, as_: Callable[..., Client]) -> None:
    lesson = Lesson.objects.order_by("-cost")[0]
    assert "1 March 2026 – 2 March 2026, whole days" in page(as_("manager"), "lesson", lesson.pk)
    assert "2026年3月1日至2026年3月2日，整日计" in page(as_("manager", "zh-hans"), "lesson", lesson.pk)


def test_sums_in_other_currencies_stand_beside_every_cost(world: World, as_: Callable[..., Client]) -> None:
    remedy = Remedy.objects.filter(currency="USD").order_by("id")[0]
    kept = {name: getattr(remedy, name) for name in ("case", "customer", "action", "kind", "level", "blueprint")}
    Remedy.objects.create(**kept, key="beside", amount=Decimal(77), currency="EUR", granted_at=NOW)
    draft_lessons(since=NOON - timedelta(days=1), until=NOW, now=NOW)
    lesson = Lesson.objects.exclude(evidence__other_remedies=[]).get()
    client = as_("manager")
    for name, args in (("overview", []), ("learn", []), ("lessons", []), ("lesson", [lesson.pk])):
        assert "and €77" in page(client, name, *args), name
    assert "另有 77欧元" in page(as_("manager", "zh-hans"), "learn")
    assert "remedies in others stand beside the sum" in page(client, "learn")


def test_search_finds_by_number_name_and_page(world: World, as_: Callable[..., Client]) -> None:
    client = as_()
    assert f"Case {world.case_to_call.pk}" in page(client, "palette", q=str(world.case_to_call.pk))
    assert "Rosa Klein" in page(client, "palette", q="rosa")
    assert reverse("console:lessons") in page(client, "search", q="less")
    assert "Nothing fits “zzzz”" in page(client, "palette", q="zzzz")
    assert "Nothing fits" in page(client, "palette", q="9" * 40)
    assert "Rosa" not in page(as_("administrator"), "palette", q="rosa")


def test_what_people_wrote_is_never_markup(world: World, as_: Callable[..., Client]) -> None:
    customer = world.case_to_call.customer
    customer.name = "<script>alert(1)</script>"
    customer.save()
    for name, args in (("case", [world.case_to_call.pk]), ("cases", []), ("customer", [customer.pk]), ("overview", [])):
        assert "<script>alert" not in page(as_(), name, *args)


def test_the_customers_page_says_of_each_case_how_it_was_made_good(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    for number, currency in enumerate(("USD", "USD", "CNY")):
        Remedy.objects.create(
            key=f"page/{number}", case=case, customer=case.customer, action=case.actions.all()[0], kind="cash",
            amount=Decimal(1000 + number), currency=currency, granted_at=NOW, level="manager", blueprint=case.blueprint,
        )  # fmt: skip
    case.actions.filter(kind="apology").update(state="done")
    Outcome.objects.create(case=case, accepted=False, source="simulated", recorded_at=NOW)
    given = {row["currency"]: row["sum"] for row in case.remedies.values("currency").annotate(sum=Sum("amount"))}
    for language, apology, said in (("en", "apology", "did not accept it"), ("zh-hans", "道歉", "顾客未接受")):
        text = page(as_("supervisor", language), "customer", case.customer_id)
        row = text[text.index("<tbody>") : text.index("</tbody>")]
        assert [Money(amount, currency).in_(language) in row for currency, amount in given.items()] == [True, True]
        assert apology in row
        assert said in row
        assert ("simulated" if language == "en" else "模拟") in row


@pytest.mark.parametrize(("name", "most"), [("cases", 15), ("case", 55)])
def test_a_page_asks_a_fixed_number_of_questions_and_never_counts(
    name: str, most: int, world: World, as_: Callable[..., Client]
) -> None:
    client = as_("supervisor")
    args = [world.case_to_approve.pk] if name == "case" else []
    page(client, name, *args)  # packs are parsed once a process
    with CaptureQueriesContext(connection) as asked:
        page(client, name, *args)
    few = len(asked)
    assert few <= most, "\n".join(query["sql"] for query in asked)
    assert not any("count(" in query["sql"].lower() for query in asked)
    _more_cases(world.case_to_approve)
    with CaptureQueriesContext(connection) as asked:
        page(client, name, *args)
    assert len(asked) == few


def _more_cases(like: Case) -> None:
    """Thirty more customers of the same flight, hit the same way."""
    from amends.monitor.models import Incident
    from amends.monitor.services import keep_roster, record_findings
    from amends.people.services import keep_customers
    from amends.recover.services import open_cases
    from tests.web.console.world import CANCELLED, NOW, cancellation

    people = [{"reference": f"M-{n}", "name": f"More {n}", "locale": "en", "currency": "USD"} for n in range(30)]
    assert keep_customers(people, now=NOW).rejected == []
    keep_roster((CANCELLED, f"M-{n}", {"fare": 100.0}) for n in range(30))
    record_findings(cancellation(), version=like.blueprint, now=NOW)
    open_cases(list(Incident.objects.values_list("id", flat=True)), now=NOW)
    assert Case.objects.filter(customer__reference__startswith="M-").count() == 30


def test_before_anything_is_set_up_the_console_says_what_to_run(db: None) -> None:
    from amends.people.services import create_staff
    from tests.web.console.world import NOON

    staff = create_staff(email="a@example.test", name="A", role="administrator", now=NOON, acting_user=None)
    client = Client()
    client.force_login(staff)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "amends init" in answer.content.decode()


def test_the_list_of_incidents_says_in_short_whose_cause_it_was(world: World, as_: Callable[..., Client]) -> None:
    assert ">a process · in our hands</td>" in page(as_("supervisor"), "incidents")


def test_lists_are_narrowed_to_one_incident(world: World, as_: Callable[..., Client]) -> None:
    incident = world.case_to_approve.incident_id
    assert incident is not None
    cases, failures = (page(as_(), name, incident=str(incident)) for name in ("cases", "failures"))
    assert "Ada Moreno" in cases
    assert "Rosa Klein" not in cases
    assert "XX1/2026-03-02" in failures
    assert "XX2/2026-03-02" not in failures


@pytest.mark.parametrize(("language", "said"), [("en", "calendar “Office hours”"), ("zh-hans", "“办公时间”")])
def test_a_standard_says_the_name_of_its_calendar(world: World, language: str, said: str) -> None:
    due = {"by": "10:00", "days": 1, "calendar": "office"}
    standard = Standard.model_validate(
        {"id": "answered", "opens": {"type": "asked"}, "closes": {"type": "answered"}, "due": due, "failure": "slow"}
    )
    with translation.override(language):
        assert said in declared(standard, version_id=version_in_force(deployment().blueprint_name).pk)[0]


@pytest.mark.parametrize(("language", "of_severity"), [("en", "on how severe “"), ("zh-hans", "严重程度的第")])
def test_a_failure_says_in_words_by_which_rule_it_was_judged(
    world: World, as_: Callable[..., Client], language: str, of_severity: str
) -> None:
    failure = Failure.objects.filter(severity_why__rule__contains=".severity[").first()
    assert failure is not None
    text = page(as_("supervisor", language), "failure", failure.pk)
    assert of_severity in text
    assert "taxonomy." not in text
    assert "severity[" not in text


def test_a_cause_that_no_rule_tells_is_said_to_be_what_is_taken_else(world: World) -> None:
    version = version_in_force(deployment().blueprint_name)
    why = Explanation(rule="taxonomy.kinds.slow.responsible", blueprint=version)
    assert rule_said(why) == "What is taken for the cause of “Delayed departure” where no other rule applies"
    assert rule_said(Explanation(rule="taxonomy.kinds.slow.attribution[0]", blueprint=version)).startswith("Rule 1 of ")
    assert rule_said(Explanation(rule="incident.told", blueprint=version)) == rule_said(None) == ""


@pytest.mark.parametrize(
    ("name", "asked", "called"),
    [
        ("incidents", "unit", "Unit"),
        ("incidents", "state", "State"),
        ("incidents", "severity", "Severity"),
        ("failures", "kind", "Kind"),
        ("failures", "stage", "Stage"),
        ("failures", "incident", "Incident"),
        ("cases", "unit", "Unit"),
        ("cases", "sort", "Order"),
        ("cases", "desk", "Desk"),
        ("cases", "team", "Team"),
        ("cases", "strategy", "Strategy"),
        ("approvals", "state", "State"),
        ("candidates", "state", "State"),
        ("interventions", "state", "State"),
        ("learn", "by", "Grouping"),
        ("lessons", "state", "State"),
        ("notices", "what", "what"),
        ("backtests", "standard", "Standard"),
    ],
)
def test_what_a_list_does_not_know_is_named_and_left_out(
    world: World, as_: Callable[..., Client], name: str, asked: str, called: str
) -> None:
    client = as_("quality_owner" if name in {"learn", "lessons", "backtests"} else "supervisor")
    text = page(client, name, **{asked: "no<pe"})
    plain = page(client, name)
    assert f"{called}: “no&lt;pe” is not known here and is left out." in text
    assert "is not known here" not in plain
    assert text.count("data-row>") == plain.count("data-row>")
    assert "此处没有“no&lt;pe”" in page(as_("quality_owner", "zh-hans"), "incidents", unit="no<pe")


def test_a_unit_out_of_reach_is_left_out_as_one_that_is_nowhere(world: World, as_: Callable[..., Client]) -> None:
    assert "Unit: “XX-JFK” is not known here and is left out." in page(as_(world.elsewhere), "incidents", unit="XX-JFK")
    assert "is not known here" not in page(as_("supervisor"), "incidents", unit="XX-JFK")


@pytest.mark.parametrize("name", ["incidents", "incident", "failures", "cases"])
def test_a_page_says_whose_times_it_shows(world: World, as_: Callable[..., Client], name: str) -> None:
    of = [Failure.objects.exclude(incident=None)[0].incident_id] if name == "incident" else []
    assert "All times are those of New York." in page(as_("supervisor"), name, *of)
    assert "所有时间均为纽约当地时间。" in page(as_("supervisor", "zh-hans"), name, *of)
