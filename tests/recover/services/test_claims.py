"""Claims: receipts, demands beyond what can be given, closer looks; advice to people that changes no plan."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.kernel.blueprint import Blueprint
from amends.monitor.services import keep_roster
from amends.people.models import Customer
from amends.recover.models import Action, Case, CloserLook, Demand, Peers, Plan, Receipt
from amends.recover.selectors import advice_on, closer_look_for, unexplained, verify_trail
from amends.recover.services import (
    NothingToMark,
    close_case,
    do_action,
    look_closer,
    mark_demand,
    note_receipt,
    open_cases,
    reckon_peers,
    refuse_approval,
    take_complaint,
)
from amends.recover.services.working import object_to_case

NOW = stories.NOW
KIND = "baggage_lost"


@pytest.fixture
def clerk(company):
    return stories.staff("front_line")


def customer(name, **more):
    return Customer.objects.create(reference=name, name=name, created_at=NOW, **more)


def complaint(who, clerk, *, subject="BAG-1", form="", loss=None, receipt="", kind=KIND, now=NOW, words="Lost it."):
    facts = {} if loss is None else {"loss_amount": loss}
    return take_complaint(
        who,
        form=form or f"{who.reference}-{subject}-{Case.objects.count()}",
        kind=kind,
        subject=subject,
        unit=None,
        facts=facts,
        words=words,
        channel="phone",
        receipt=receipt,
        acting_user=clerk,
        now=now,
    )


def signs(case):
    return {one.sign for one in advice_on(case, now=NOW).found}


# -- complaints ------------------------------------------------------------------------------------------------------


def test_a_complaint_becomes_a_case_with_its_plan_and_the_customers_words(clerk):
    case = complaint(customer("Ann"), clerk, receipt="R 1/2")
    assert Plan.objects.get(case=case).actions.count() > 0
    said = case.customer.messages.get(direction="in")
    assert (said.body, said.channel) == ("Lost it.", "phone")
    assert Receipt.objects.get(case=case).normal == "R12"
    assert verify_trail([case.pk]) == []
    assert unexplained([case.pk]) == []
    assert {entry.actor for entry in case.trail.all()} == {f"staff:{clerk.pk}"}


def test_the_same_form_sent_twice_is_one_complaint(clerk):
    ann = customer("Ann")
    first, again = (complaint(ann, clerk, form="one") for _ in range(2))
    assert first.pk == again.pk
    assert case_failures(first) == 1
    assert ann.messages.filter(direction="in").count() == 1


def case_failures(case):
    return case.case_failures.count()


def test_a_way_by_which_no_complaint_is_taken_is_refused(clerk):
    with pytest.raises(ValueError, match="pigeon"):
        take_complaint(
            customer("Ann"), form="1", kind=KIND, subject="B", unit=None, facts={}, words="", channel="pigeon",
            acting_user=clerk, now=NOW,
        )  # fmt: skip


# -- signs -----------------------------------------------------------------------------------------------------------


def test_a_receipt_that_comes_twice_is_seen_however_it_is_written(clerk):
    first = complaint(customer("Ann"), clerk, receipt="ab-12 34", subject="BAG-1")
    second = complaint(customer("Ben"), clerk, receipt="AB1234", subject="BAG-2")
    other = complaint(customer("Eve"), clerk, receipt="AB12345", subject="BAG-3")
    assert (signs(first), signs(second), signs(other)) == ({"receipt"}, {"receipt"}, set())
    (found,) = advice_on(second, now=NOW).found
    assert str(first.pk) in found.why.text.en


def test_a_file_that_comes_twice_is_seen_by_its_digest(clerk):
    one, two = (complaint(customer(name), clerk, subject=name) for name in ("Ann", "Ben"))
    for case in (one, two):
        note_receipt(case.pk, digest="f" * 64, acting_user=clerk, now=NOW)
    assert signs(one) == signs(two) == {"receipt"}


def test_a_receipt_needs_a_letter_or_a_digit(clerk):
    case = complaint(customer("Ann"), clerk)
    with pytest.raises(ValueError, match="number"):
        note_receipt(case.pk, reference=" -/ ", acting_user=clerk, now=NOW)


def test_a_claim_far_above_like_customers_is_seen_once_peers_are_reckoned(clerk):
    for n in range(25):
        complaint(customer(f"P{n}"), clerk, subject=f"BAG-{n}", loss=100 + n)
    normal = Case.objects.get(customer__reference="P3")
    wild = complaint(customer("Wild"), clerk, subject="BAG-W", loss=1_400)
    assert signs(wild) == set()  # nothing to compare with yet
    assert reckon_peers(now=NOW) == 1
    peers = Peers.objects.get()
    assert (peers.kind, peers.claims, peers.median) == (KIND, 26, Decimal("112.50"))
    assert (signs(wild), signs(normal)) == ({"claim"}, set())
    gold = complaint(customer("Gold", tier="gold"), clerk, subject="BAG-G", loss=1_400)
    assert signs(gold) == set()  # its like are others


def test_several_who_are_not_on_the_roster_and_claim_for_one_subject_are_seen(clerk):
    served = customer("Served")
    keep_roster([("UA9", "Served", {})])
    first, second = (complaint(customer(name), clerk, subject="UA9", kind="rude_staff") for name in ("Ann", "Ben"))
    own = complaint(served, clerk, subject="UA9", kind="rude_staff")
    assert (signs(first), signs(second), signs(own)) == ({"strangers"}, {"strangers"}, set())


def test_without_a_roster_nobody_is_a_stranger(clerk):
    one, _ = (complaint(customer(name), clerk, subject="UA10", kind="rude_staff") for name in ("Ann", "Ben"))
    assert signs(one) == set()


def test_many_refusals_and_objections_are_seen(company, clerk):
    customer_id = None
    manager = stories.staff("executive")
    for n in range(3):
        incidents = stories.broken_flights(
            company, seats=1, prefix=f"F{n}", fare="2000", distance_km=5_000, minutes_late=400,
            customers=[customer_id] if customer_id else (),
        )  # fmt: skip
        open_cases(incidents, now=NOW)
        case = Case.objects.order_by("-id")[0]
        customer_id = case.customer_id
        for approval in case.approvals.filter(state="waiting")[:1]:
            refuse_approval(approval.pk, acting_user=manager, now=NOW, note="no")
        Case.objects.filter(pk=case.pk).update(state="in_progress")
        object_to_case(case.pk, words="No!", acting_user=clerk, now=NOW)
    assert "refusals" in signs(case)


# -- advice, not a decision -------------------------------------------------------------------------------------------


def test_the_plan_is_the_same_with_and_without_signs(clerk):
    """Same facts, same offer, whatever the signs say (Law 8)."""
    plain = complaint(customer("Ann"), clerk, subject="BAG-1", loss=300)
    for n in range(25):
        complaint(customer(f"P{n}"), clerk, subject=f"B-{n}", loss=10, receipt="SAME")
    reckon_peers(now=NOW)
    signed = complaint(customer("Ben"), clerk, subject="BAG-2", loss=300, receipt="same")
    assert signs(signed) == {"receipt", "claim"}

    def plan(case):
        return list(
            case.actions.order_by("id").values_list(
                "step", "kind", "performer", "remedy", "amount", "state", "authority"
            )
        )

    assert plan(plain) == plan(signed)
    assert plain.plan.playbook == signed.plan.playbook
    look_closer(signed.pk, in_order=False, note="Invented.", acting_user=clerk, now=NOW)
    assert plan(plain) == plan(signed)


def test_no_decision_reads_the_advice():
    """Of all acts only the one that puts a look on record knows what the signs say."""
    from pathlib import Path

    import amends.recover

    acts = Path(amends.recover.__file__).parent / "services"
    readers = {path.name for path in acts.glob("*.py") if "closer_look" in path.read_text(encoding="utf-8")}
    assert readers == {"looking.py"}


def test_who_looked_is_on_record_and_the_advice_rests_until_a_new_sign_comes(clerk):
    first = complaint(customer("Ann"), clerk, receipt="R1", subject="B1")
    second = complaint(customer("Ben"), clerk, receipt="R1", subject="B2")
    assert closer_look_for(clerk, second, now=NOW).stands
    with pytest.raises(ValueError, match="note"):
        look_closer(second.pk, in_order=True, note=" ", acting_user=clerk, now=NOW)
    look_closer(second.pk, in_order=True, note="Two travellers, one bill.", acting_user=clerk, now=NOW)
    looked = closer_look_for(clerk, second, now=NOW)
    assert not looked.stands
    assert looked.last is not None
    assert (looked.last.looked_by, looked.last.signs) == (clerk, ["receipt"])
    assert closer_look_for(clerk, first, now=NOW).stands
    assert verify_trail([second.pk]) == []
    assert unexplained([second.pk]) == []
    assert CloserLook.objects.count() == 1


def test_the_evidence_is_gathered_in_as_many_queries_however_much_there_is(clerk):
    case = complaint(customer("Ann"), clerk, receipt="R1", subject="B1", loss=10)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            advice_on(Case.objects.get(pk=case.pk), now=NOW)
        return len(queries)

    few = asked()
    for n in range(30):
        complaint(customer(f"P{n}"), clerk, receipt="R1", subject="B1", loss=10)
    assert asked() == few


# -- demands ----------------------------------------------------------------------------------------------------------


def test_a_demand_adds_somebody_senior_limits_and_a_record_with_reasons(clerk):
    case = complaint(customer("Ann"), clerk)
    before = set(case.actions.values_list("step", flat=True))
    demand = mark_demand(case.pk, asked="A new car", amount=Decimal(50_000), acting_user=clerk, now=NOW)
    assert (demand.amount, demand.currency, demand.marked_by) == (Decimal(50_000), "USD", clerk)
    assert "$50,000.00" in demand.why.en
    assert "50,000.00美元" in demand.why.zh
    added = {action.step: action for action in case.actions.select_related("why")}
    new = set(added) - before
    assert new == {"demand-call", "demand-limits", "demand-record"}
    assert {added[step].performer for step in new} == {"supervisor"}
    assert all(added[step].why.en and added[step].why.zh and added[step].state == "ready" for step in new)
    assert added["demand-call"].due_at > NOW
    assert Plan.objects.get(case=case).revision == 2
    assert verify_trail([case.pk]) == []
    assert unexplained([case.pk]) == []


def test_after_a_grave_failure_of_someone_vulnerable_a_manager_calls(company, clerk):
    open_cases(stories.broken_flights(company, seats=1, minutes_late=400), now=NOW)
    case = Case.objects.get()
    Customer.objects.filter(pk=case.customer_id).update(vulnerable=True)
    Case.objects.filter(pk=case.pk).update(severity=3, facts={**case.facts, "vulnerable": True})
    mark_demand(case.pk, asked="Much", acting_user=clerk, now=NOW)
    assert case.actions.get(kind="call", step__startswith="demand").performer == "manager"


def test_what_was_planned_stays_and_a_second_demand_adds_nothing_twice(clerk):
    case = complaint(customer("Ann"), clerk)
    before = list(case.actions.order_by("id").values("id", "state", "amount"))
    for asked in ("A car", "Two cars"):
        mark_demand(case.pk, asked=asked, acting_user=clerk, now=NOW)
    assert (
        list(case.actions.filter(pk__in=[row["id"] for row in before]).order_by("id").values("id", "state", "amount"))
        == before
    )
    assert case.actions.filter(step__startswith="demand").count() == 3
    assert Demand.objects.filter(case=case).count() == 2


def test_the_letter_with_limits_goes_out_when_the_supervisor_says_so(clerk):
    case = complaint(customer("Ann"), clerk)
    mark_demand(case.pk, asked="A car", acting_user=clerk, now=NOW)
    action = Action.objects.get(case=case, step="demand-limits")
    with pytest.raises(PermissionError):
        do_action(action.pk, acting_user=clerk, now=NOW)
    do_action(action.pk, acting_user=stories.staff("supervisor"), now=NOW + timedelta(hours=1))
    letter = case.customer.messages.get(key=f"action:{action.pk}")
    assert "cannot go beyond" in letter.body


def test_a_demand_needs_words_and_an_open_case(company, clerk):
    case = complaint(customer("Ann"), clerk)
    with pytest.raises(NothingToMark):
        mark_demand(case.pk, asked="  ", acting_user=clerk, now=NOW)
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    close_case(case.pk, acting_user=clerk, now=NOW)
    with pytest.raises(NothingToMark):
        mark_demand(case.pk, asked="More", acting_user=clerk, now=NOW)


def test_a_pack_without_a_plan_for_demands_keeps_the_mark_alone(company):
    content = {name: value for name, value in company.pack.content().items() if name not in {"demands", "care"}}
    old = Blueprint.from_content(content)
    assert old.demands is None
    assert old.care.closer_look.claims == ()
