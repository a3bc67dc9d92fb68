"""A plan changed by people: what they add and alter, within their authority, and what the playbook gives now."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stories

from amends.channels.models import Message
from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.monitor.models import Affected
from amends.people.models import Customer
from amends.people.selectors import NotAllowed
from amends.policy.services import publish_blueprint
from amends.recover.core.coverage import coverage
from amends.recover.core.refusals import Declined, Unfit
from amends.recover.models import Action, Approval, Case, Clock, Edit, Remedy
from amends.recover.selectors.judging import items_of, judged, proposal_of
from amends.recover.services import (
    accept_replan,
    add_action,
    alter_action,
    carry_out,
    close_case,
    do_action,
    open_cases,
    reassess,
    skip_action,
)

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(company) -> Case:
    """A moderate case whose automatic part is done."""
    open_cases(stories.broken_flights(company, seats=1, minutes_late=200, severity=2), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return Case.objects.get()


@pytest.fixture
def clerk(company):
    return stories.staff("front_line")


def add(case: Case, clerk, repair: str, **given) -> Action:
    return add_action(case.pk, repair=repair, reason="They asked for it.", acting_user=clerk, now=LATER, **given)


def alter(action: Action, clerk, **given) -> Action:
    return alter_action(action.pk, reason="Agreed by phone.", acting_user=clerk, now=LATER, **given)


def carry() -> None:
    carry_out(1, 2**60, now=LATER, as_of_ready=False)


def test_whoever_adds_a_repair_says_why_and_the_plan_is_revised(case, clerk):
    action = add(case, clerk, "listen")
    assert (action.kind, action.performer, action.channel, action.state) == ("call", "front_line", "phone", "ready")
    assert action.why.zh == "先听顾客把话说完，再谈如何补偿。"
    edit = Edit.objects.get()
    assert (edit.aspect, edit.action, edit.by, edit.reason) == ("added", action, clerk, "They asked for it.")
    case.refresh_from_db()
    assert (case.plan.revision, case.state) == (2, "in_progress")


def test_what_the_tariff_could_not_reckon_waits_for_a_sum_from_a_person(company, clerk):
    incidents = stories.broken_flights(company, seats=2, kind="unavailable", severity=3)
    one, other = Affected.objects.order_by("pk")
    other.facts = {**other.facts, "currency": "JPY", "fare": 24_000}
    other.save()
    open_cases(incidents, now=NOW)
    assert Action.objects.get(case__customer=one.customer, remedy="refund").amount > 0
    refund = Action.objects.get(case__customer=other.customer, remedy="refund")
    assert (refund.amount, refund.currency, refund.performer) == (None, "USD", "front_line")
    assert "JPY" in refund.why.en
    with pytest.raises(Unfit, match="enter the sum first"):
        do_action(refund.pk, acting_user=clerk, now=LATER)
    alter(refund, clerk, amount=Decimal(100))
    do_action(refund.pk, acting_user=clerk, now=LATER)
    given = Remedy.objects.get(action=refund)
    assert (given.amount, given.currency) == (Decimal(100), "USD")


def test_a_letter_that_is_added_may_go_out_by_itself(case, clerk):
    action = add(case, clerk, "apologise_in_writing", performer="automatic")
    carry()
    action.refresh_from_db()
    assert action.state == "done"
    assert Message.objects.filter(key=f"action:{action.pk}").exists()


def test_money_that_is_added_is_given_by_a_person_in_their_own_authority(case, clerk):
    with pytest.raises(Unfit):
        add(case, clerk, "voucher", amount=Decimal(50), performer="automatic")
    action = add(case, clerk, "voucher", amount=Decimal("50.005"))
    assert (action.performer, action.amount, action.authority) == ("front_line", Decimal("50.01"), "automatic")
    carry()
    assert Action.objects.get(pk=action.pk).state == "ready"
    do_action(action.pk, acting_user=clerk, now=LATER)
    line = Remedy.objects.get(action=action)
    assert (line.amount, line.kind, line.granted_by) == (Decimal("50.01"), "voucher", clerk)


def test_an_amount_beyond_ones_authority_waits_for_approval_when_it_is_done(case, clerk):
    action = add(case, clerk, "cash", amount=Decimal(5_000))
    assert do_action(action.pk, acting_user=clerk, now=LATER).state == "waiting_approval"
    assert Approval.objects.get(action=action).amount == 5_000
    with pytest.raises(IllegalMove):
        alter(action, clerk, amount=Decimal(1))


def test_each_repair_can_be_added_more_than_once(case, clerk):
    steps = [add(case, clerk, "gift", amount=Decimal(5)).step for _ in range(2)]
    assert steps == ["added.gift.1", "added.gift.2"]


@pytest.mark.parametrize(
    ("field", "repair", "given"),
    [
        ("repair", "a flying carpet", {}),
        ("amount", "voucher", {}),
        ("amount", "voucher", {"amount": Decimal(0)}),
        ("amount", "voucher", {"amount": Decimal("0.004")}),
        ("amount", "voucher", {"amount": Decimal("NaN")}),
        ("amount", "voucher", {"amount": Decimal(10) ** 12}),
        ("amount", "listen", {"amount": Decimal(5)}),
        ("due_at", "listen", {"due_at": NOW}),
        ("performer", "listen", {"performer": "automatic"}),
        ("performer", "redo", {"performer": "automatic", "channel": "outbox"}),
        ("performer", "listen", {"performer": "somebody"}),
        ("channel", "listen", {"channel": "outbox"}),
        ("channel", "listen", {"channel": "pigeon"}),
    ],
)
def test_what_does_not_fit_a_repair_is_refused_and_changes_nothing(case, clerk, field, repair, given):
    count = Action.objects.count()
    with pytest.raises(Unfit) as refusal:
        add(case, clerk, repair, **given)
    assert refusal.value.field == field
    assert Action.objects.count() == count
    assert not Edit.objects.exists()


def test_a_closed_case_is_not_planned_any_more(case, clerk):
    Case.objects.filter(pk=case.pk).update(state="made_good")
    close_case(case.pk, acting_user=clerk, now=LATER)
    with pytest.raises(IllegalMove):
        add(case, clerk, "listen")


def test_what_is_not_done_can_be_altered_and_what_it_was_is_kept(case, clerk):
    action = add(case, clerk, "voucher", amount=Decimal(50))
    due = LATER + timedelta(days=3)
    with pytest.raises(Unfit):
        alter(action, clerk, amount=Decimal("0.004"))
    alter(action, clerk, amount=Decimal(80), due_at=due, performer="supervisor", channel="phone")
    action.refresh_from_db()
    assert (action.amount, action.due_at, action.performer, action.channel, action.template) == (
        80,
        due,
        "supervisor",
        "phone",
        "compensation",
    )
    edits = {edit.aspect: (edit.before, edit.after) for edit in Edit.objects.filter(action=action)}
    assert edits["amount"] == ("50.00", "80.00")
    assert edits["performer"] == ("front_line", "supervisor")
    assert edits["channel"] == ("outbox", "phone")
    assert set(edits) == {"added", "amount", "due_at", "performer", "channel"}


def test_a_sum_that_a_person_alters_is_no_longer_given_by_the_system(company, clerk):
    open_cases(stories.broken_flights(company, seats=1, minutes_late=200, severity=2), now=NOW)
    action = Action.objects.get(amount__gt=0)
    assert action.performer == "automatic"
    alter(action, clerk, amount=action.amount + 1)
    carry()
    action.refresh_from_db()
    assert (action.performer, action.state) == ("front_line", "ready")
    with pytest.raises(Unfit):
        alter(action, clerk, performer="automatic")


@pytest.mark.parametrize("kind", ["reinstatement", "substitute", "call", "compensation", "employee_support", "record"])
def test_what_is_more_than_words_and_a_persons_is_never_made_the_systems(case, clerk, kind):
    action = add(case, clerk, "apologise_in_writing")
    Action.objects.filter(pk=action.pk).update(step="correct", kind=kind, channel="outbox", template="apology")
    with pytest.raises(Unfit, match="has to be done") as refusal:
        alter(action, clerk, performer="automatic", channel="outbox")
    assert (refusal.value.field, "实际办理" in refusal.value.words.zh) == ("performer", True)
    carry()
    assert Action.objects.get(pk=action.pk).state == "ready"


def test_what_the_playbook_has_the_system_do_may_change_its_channel_alone(case, clerk):
    action = add(case, clerk, "apologise_in_writing")
    Action.objects.filter(pk=action.pk).update(kind="substitute", performer="automatic", channel="sms")
    assert alter(action, clerk, channel="outbox").performer == "automatic"


def test_the_order_of_a_plan_is_that_of_its_times(case, clerk):
    first, second = add(case, clerk, "listen"), add(case, clerk, "apologise_in_person")
    alter(first, clerk, due_at=second.due_at + timedelta(hours=1))
    order = list(Action.objects.filter(step__startswith="added.").order_by("due_at").values_list("pk", flat=True))
    assert order == [second.pk, first.pk]


def test_a_follow_up_moved_in_time_waits_accordingly(case, clerk):
    action = add(case, clerk, "follow_up_call")
    assert (action.state, action.phase) == ("scheduled", "follow_up")
    alter(action, clerk, due_at=action.due_at + timedelta(days=2))
    assert Action.objects.get(pk=action.pk).ready_at == action.ready_at + timedelta(days=2)


def test_nobody_alters_what_is_for_a_higher_role(case, clerk):
    action = add(case, clerk, "listen", performer="manager")
    with pytest.raises(NotAllowed):
        alter(action, clerk, performer="front_line")


def test_what_is_done_or_skipped_is_not_altered(case, clerk):
    action = add(case, clerk, "listen")
    skip_action(action.pk, acting_user=clerk, now=LATER, note="no need")
    with pytest.raises(IllegalMove):
        alter(action, clerk, due_at=LATER + timedelta(days=1))


def test_altered_to_what_it_is_nothing_is_on_record(case, clerk):
    action = add(case, clerk, "listen")
    alter(action, clerk, due_at=action.due_at, performer=action.performer, channel=action.channel)
    assert [edit.aspect for edit in Edit.objects.all()] == ["added"]


def proposal(case: Case):
    case = Case.objects.select_related("customer", "plan").get(pk=case.pk)
    return proposal_of(judged(case), items_of(case, list(case.actions.order_by("due_at", "id"))))


def test_judged_as_it_was_the_playbook_gives_just_what_is_planned(case):
    assert proposal(case) is None


def test_judged_graver_the_plan_can_be_brought_in_line_by_a_person(case, clerk):
    reassess(case.pk, changes={"severity": 3}, reason="They missed a wedding.", acting_user=clerk, now=LATER)
    found = proposal(case)
    assert found.decision.playbook == "journey-broken-by-us"
    resolve = Clock.objects.get(case=case, kind="follow_up").due_at
    accept_replan(case.pk, reason="Agreed.", acting_user=clerk, now=LATER)
    assert proposal(case) is None
    case.refresh_from_db()
    assert (case.plan.playbook, case.plan.strategy) == ("journey-broken-by-us", "case_by_case")
    money = Action.objects.get(case=case, step="compensation")
    assert (money.performer, money.state) == ("front_line", "ready")  # brought in by a person, so given by one
    assert Clock.objects.get(case=case, kind="follow_up").due_at <= resolve
    assert {"playbook", "added"} <= set(Edit.objects.values_list("aspect", flat=True))
    with pytest.raises(Declined):
        accept_replan(case.pk, reason="Again.", acting_user=clerk, now=LATER)


def test_what_was_done_stays_done_when_the_plan_is_brought_in_line(case, clerk):
    done = set(Action.objects.filter(state="done").values_list("pk", flat=True))
    given = Remedy.objects.count()
    reassess(case.pk, changes={"severity": 3}, reason="x", acting_user=clerk, now=LATER)
    accept_replan(case.pk, reason="x", acting_user=clerk, now=LATER)
    assert done <= set(Action.objects.filter(state="done").values_list("pk", flat=True))
    assert Remedy.objects.count() == given


def test_a_plan_covers_the_three_justices(case):
    items = items_of(case, list(case.actions.all()))
    assert [one.missing for one in coverage(items)] == [False, False, False]


@pytest.fixture
def with_default(company):
    content = company.pack.content()
    content["cases"]["locale_defaults"] = ["prc"]
    publish_blueprint(Blueprint.from_content(content), name=company.pack.id, now=NOW, acting_user="test")


def test_where_a_pack_uses_a_locales_default_only_customers_of_that_locale_get_it(company, with_default):
    open_cases(stories.broken_flights(company, seats=4, minutes_late=200, severity=2), now=NOW)
    carry()
    listened = set(Action.objects.filter(step="listen-first").values_list("case__customer__locale", flat=True))
    assert listened == {"zh-CN"}
    performers = dict(Action.objects.filter(step="gesture").values_list("case__customer__locale", "performer"))
    assert performers == {"zh-CN": "front_line", "en": "automatic"}
    assert Remedy.objects.filter(customer__locale="zh-CN").count() == 0
    assert Remedy.objects.filter(customer__locale="en").count() == 2


def test_unless_it_uses_one_all_are_treated_alike(company):
    open_cases(stories.broken_flights(company, seats=4, minutes_late=200, severity=2), now=NOW)
    assert set(Customer.objects.values_list("locale", flat=True)) == {"zh-CN", "en"}
    assert set(Action.objects.filter(step="gesture").values_list("performer", flat=True)) == {"automatic"}
