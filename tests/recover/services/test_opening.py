"""Cases opened set-wise: complete, alike for alike, idempotent, additive, and with amounts right to the cent."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import stories
from django.db import connection

from amends.channels.models import Message
from amends.monitor.models import Affected, Failure, Incident
from amends.people.models import Customer
from amends.recover.core import leaving, priority
from amends.recover.core.clocks import CLOCK_KINDS, due_time
from amends.recover.core.plan import plan_for
from amends.recover.models import Action, Approval, Case, Clock, IncidentResponse, Plan, Withheld
from amends.recover.selectors import Covering, covering
from amends.recover.services import open_cases, tell_affected
from amends.recover.services.consent import NOT_WRITTEN
from amends.recover.services.opening import AT_ONCE

NOW = stories.NOW


def opened(company, **how):
    incidents = stories.broken_flights(company, **how)
    return incidents, open_cases(incidents, now=NOW)


def test_everyone_hit_badly_gets_a_case_with_a_plan_and_four_clocks(company):
    _, said = opened(company, flights=2, seats=5)
    assert said.cases == Case.objects.count() == Plan.objects.count() == 10
    assert Clock.objects.count() == 40
    assert set(Clock.objects.values_list("kind", flat=True)) == set(CLOCK_KINDS)
    assert not Clock.objects.filter(owner="").exists()
    assert not Clock.objects.filter(escalate_to="").exists()
    case = Case.objects.order_by("pk").first()
    assert case.state == "planned"
    assert case.next_due == case.clocks.order_by("due_at").first().due_at


def test_a_case_opens_when_the_monitor_found_the_failure_not_when_the_machine_got_to_it(company):
    found = NOW - timedelta(days=3)
    opened(company, found_at=found)
    assert set(Case.objects.values_list("opened_at", flat=True)) == {found + timedelta(minutes=1)}
    assert set(Clock.objects.values_list("started_at", flat=True)) == {found + timedelta(minutes=1)}


def test_opening_again_changes_nothing(company):
    incidents, _ = opened(company)
    before = list(Action.objects.order_by("pk").values())
    said = open_cases(incidents, now=NOW)
    assert (said.cases, said.actions, said.revised) == (0, 0, 0)
    assert list(Action.objects.order_by("pk").values()) == before


def test_each_plan_is_what_the_core_decides_for_its_facts(company):
    opened(company, flights=3, seats=12, fare="333.33")
    for case in Case.objects.select_related("plan"):
        facts = {
            **case.facts,
            "kind": case.kind,
            "loss": "outcome",
            "severity": "severe",
            "responsible": case.responsible,
            "controllable": case.controllable,
            "stable": True,
        }
        decision = plan_for(facts, company.pack, on=case.opened_at.date())
        wanted = {
            step.id: step.owed.amount(facts) if step.owed else None
            for step in decision.steps
            if step.owed is None or step.owed.amount(facts) > 0
        }
        assert dict(case.actions.values_list("step", "amount")) == wanted
        assert case.plan.playbook == decision.playbook


def test_shares_of_a_fare_are_rounded_as_money_is(company):
    opened(company, kind="unavailable", seats=20, fare="100.015")
    refunds = Action.objects.filter(tariff="fare-refund").select_related("case")
    assert refunds.exists()
    tariff = company.pack.tariff_in_force("fare-refund", NOW.date())
    for action in refunds:
        facts = json.loads(json.dumps(action.case.facts), parse_float=Decimal)
        facts |= {"kind": "unavailable", "severity": "severe", "responsible": "process", "controllable": True}
        from amends.recover.core.tariff import reckon

        assert action.amount == reckon(tariff, facts).amount(facts)


def test_cases_with_equal_facts_get_equal_offers(company):
    opened(company, flights=4, seats=30)
    offers = {}
    for case in Case.objects.prefetch_related("actions"):
        facts = {name: value for name, value in case.facts.items() if name != "fare"}
        key = json.dumps([case.kind, case.severity, facts], sort_keys=True)
        offer = sorted((action.step, action.amount) for action in case.actions.all())
        assert offers.setdefault(key, offer) == offer


def test_priority_is_the_formula_and_what_it_costs_to_leave_the_case(company):
    opened(company, seats=60)
    Customer.objects.filter(reference="F-1-1").update(watch_until=NOW + timedelta(days=9))
    economics = company.pack.economics
    for case in Case.objects.select_related("customer"):
        value = case.customer.value
        cost = leaving.cost_of_leaving(
            age=timedelta(0), severity=case.severity, value=value, unkept=0, owed=True, economics=economics
        )
        standing = priority.priority(
            severity=case.severity,
            vulnerable=case.customer.vulnerable,
            watched=False,
            prior_failures=case.facts["prior_failures"],
            value=value,
        )
        assert case.leaving == cost > 0
        assert abs(case.priority - standing - leaving.urgency(cost)) < 1e-6


def test_several_failures_of_one_customer_make_one_case_with_the_worst_facts(company):
    incidents = stories.broken_flights(company, seats=3, minutes_late=100, severity=2)
    stories.broken_flights(company, seats=3, minutes_late=300, severity=3, customers=_customers())
    assert Failure.objects.count() == 2
    open_cases(incidents, now=NOW)
    assert Case.objects.count() == 3
    for case in Case.objects.all():
        assert case.severity == 3
        assert case.facts["minutes_late"] == 301
        assert case.case_failures.count() == 2


@pytest.mark.parametrize(
    ("grave", "light", "together"),
    [
        ({"fare": 420}, {"fare": 300}, {"fare": 420}),
        ({"fare": 420}, {"fare": 300, "currency": "JPY"}, {"fare": 300, "currency": "JPY"}),
        ({"fare": 24_000, "currency": "JPY"}, {"fare": 30_000}, {"fare": 24_000, "currency": "JPY"}),
        ({"currency": "JPY"}, {"fare": 300}, {"fare": 300}),  # no sum of that failure is in it
    ],
)
def test_sums_in_two_currencies_are_never_taken_for_one(company, grave, light, together):
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    stories.broken_flights(company, seats=1, minutes_late=300, severity=3, customers=_customers())
    for row in Affected.objects.select_related("failure"):
        row.facts = {**row.facts, "fare": None, **(grave if row.severity == 3 else light)}
        row.facts = {name: value for name, value in row.facts.items() if value is not None}
        row.save()
    open_cases(incidents, now=NOW)
    (case,) = Case.objects.all()
    assert {name: case.facts[name] for name in ("fare", "currency") if name in case.facts} == together


def test_a_failure_that_joins_later_adds_to_the_plan_and_takes_nothing_away(company):
    incidents = stories.broken_flights(company, seats=4, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    before = set(Action.objects.values_list("pk", "step"))
    Affected.objects.update(severity=3)
    Failure.objects.update(severity=3, facts={"minutes_late": 400, "distance_km": 2000, "domestic": True})
    said = open_cases(incidents, now=NOW)
    assert said.revised == 4
    assert before < set(Action.objects.values_list("pk", "step"))
    assert set(Plan.objects.values_list("revision", flat=True)) == {2}
    assert set(Case.objects.values_list("severity", flat=True)) == {3}


def test_what_was_finished_and_gets_more_work_is_promised_anew(company):
    incidents = stories.broken_flights(company, seats=4, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    at_work, waiting, good, closed = Case.objects.order_by("pk")
    for case, state, clock_state in (
        (waiting, "awaiting_customer", "met"),
        (good, "made_good", "met_late"),
        (closed, "closed", "stopped"),
    ):
        Case.objects.filter(pk=case.pk).update(state=state, is_open=state != "closed", next_due=None)
        Clock.objects.filter(case=case).update(state=clock_state, ended_at=NOW, wake_at=None)
    before = Clock.objects.get(case=at_work, kind="resolve")
    Affected.objects.update(severity=3)
    Failure.objects.update(severity=3, facts={"minutes_late": 400, "distance_km": 2000, "domestic": True})
    later = NOW + timedelta(days=3)
    assert open_cases(incidents, now=later).revised == 4

    pack = company.pack
    for case in Case.objects.exclude(pk=at_work.pk).select_related("plan"):
        rule = next(one.clocks.resolve for one in pack.playbooks if one.id == case.plan.playbook)
        clock = Clock.objects.get(case=case, kind="resolve")
        assert (case.state, clock.state, clock.started_at) == ("in_progress", "running", later)
        assert clock.due_at == case.next_due == due_time(rule, later, pack.calendars)
        assert clock.ended_at is None
        assert later <= clock.wake_at <= clock.due_at
    kept = Clock.objects.get(case=at_work, kind="resolve")
    assert (kept.started_at, kept.due_at, kept.state) == (before.started_at, before.due_at, "running")


def test_an_earlier_failure_is_counted_and_makes_the_new_one_weigh_more(company):
    first = stories.broken_flights(company, seats=2, found_at=NOW - timedelta(days=30))
    again = stories.broken_flights(company, seats=2, prefix="G", customers=_customers())
    open_cases([*first, *again], now=NOW)
    assert set(Case.objects.filter(incident_id__in=first).values_list("facts__prior_failures", flat=True)) == {0}
    assert set(Case.objects.filter(incident_id__in=again).values_list("facts__prior_failures", flat=True)) == {1}


def test_the_lightly_hit_get_no_case_but_one_letter_each(company):
    incidents, said = opened(company, seats=6, minutes_late=20, severity=1)
    assert (said.cases, said.responses) == (0, 1)
    response = IncidentResponse.objects.get()
    assert covering(response.incident) == [Covering(response=response, customers=6, withheld=0, unreached=0)]
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 6
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 0
    letter = Message.objects.filter(locale="zh-CN").first()
    assert letter.key.startswith(f"incident:{incidents[0]}:{letter.customer_id}:")
    assert "晚点21分钟" in letter.body


def test_whom_no_letter_could_be_addressed_to_is_not_counted_as_reached(company):
    incidents, _ = opened(company, seats=6, minutes_late=20, severity=1)
    unknown, refused, silent = Customer.objects.order_by("pk")[:3]
    unknown.contact_points.all().delete()
    silent.contact_points.all().delete()
    Customer.objects.filter(pk=silent.pk).update(consent_contact=False)
    incident = Incident.objects.get(pk=incidents[0])
    assert [(one.customers, one.withheld, one.unreached) for one in covering(incident)] == [(6, 0, 0)]
    tell_affected(incidents[:1], now=NOW, as_of_found=False)
    assert [(one.customers, one.withheld, one.unreached) for one in covering(incident)] == [(6, 1, 1)]
    Message.objects.filter(customer=refused).update(state="failed")
    assert [(one.customers, one.withheld, one.unreached) for one in covering(incident)] == [(6, 1, 2)]


def test_whoever_does_not_want_to_be_contacted_gets_no_letter_to_all_and_it_is_on_record_why(company):
    incidents, _ = opened(company, seats=6, minutes_late=20, severity=1)
    silent = Customer.objects.order_by("-pk")[:2]  # the last ones: the response has reached them all the same
    Customer.objects.filter(pk__in=[one.pk for one in silent]).update(consent_contact=False)
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 4
    assert not Message.objects.filter(customer__in=silent).exists()
    assert [(one.customers, one.withheld) for one in covering(Incident.objects.get(pk=incidents[0]))] == [(6, 2)]
    kept = Withheld.objects.select_related("why")
    assert {one.customer_id for one in kept} == {one.pk for one in silent}
    assert {one.why.en for one in kept} == {NOT_WRITTEN.text.en}
    Customer.objects.update(consent_contact=True)
    assert open_cases(incidents, now=NOW).responses == 0
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 0


def test_whoever_joins_an_answered_incident_late_is_told_too(company):
    incidents, _ = opened(company, seats=3, minutes_late=20, severity=1)
    tell_affected(incidents[:1], now=NOW, as_of_found=False)
    stranger = Customer.objects.create(reference="late", name="Late Comer", created_at=NOW)
    one = Affected.objects.first()
    Affected.objects.create(
        failure=one.failure, customer=stranger, severity=1, severity_why=one.severity_why, facts=one.facts
    )
    assert open_cases(incidents, now=NOW).responses == 1
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 1
    assert Message.objects.count() == 4


def test_what_exceeds_the_automatic_authority_waits_for_somebody_who_may(company):
    _, said = opened(company, distance_km=5_000, minutes_late=400, seats=8)  # 600 each
    beyond = Action.objects.filter(state="waiting_approval")
    assert said.approvals == beyond.count() == Approval.objects.count() == 8
    level = company.pack.authority_of("automatic")
    for case in Case.objects.all():
        ready = case.actions.filter(state="ready", performer="automatic")
        assert sum(action.amount or 0 for action in ready) <= level.per_case
    for approval in Approval.objects.all():
        assert approval.level == "supervisor"
        assert "supervisor" in approval.why.en
        assert "主管" in approval.why.zh


def test_a_round_is_bounded(company):
    assert AT_ONCE <= 20_000
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_tables where schemaname like 'pg_temp%'")
        before = cursor.fetchone()
        opened(company)
        cursor.execute("select count(*) from pg_tables where schemaname like 'pg_temp%'")
        assert cursor.fetchone() == before


def _customers():
    return list(Customer.objects.values_list("pk", flat=True))
