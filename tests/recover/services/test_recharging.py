"""Claims on suppliers: opened with their fault, kept at what the case was given, and pursued by those who may."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stories

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.models import Failure
from amends.people.models import Customer, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import Declined, Unfit
from amends.recover.models import Action, Case, RechargeClaim, Remedy
from amends.recover.selectors import access_recharge, recharges_for
from amends.recover.services import (
    carry_out,
    grant_approval,
    make_gesture,
    merge_cases,
    move_recharge,
    open_cases,
    reassess,
)
from amends.recover.services.reversing import reverse_remedy

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def claim(company) -> RechargeClaim:
    """A claim opened by the facts, before anything was given."""
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    Failure.objects.update(responsible="supplier", facts={"minutes_late": 100, "supplier": "ground_handling"})
    open_cases(incidents, now=NOW)
    return RechargeClaim.objects.get()


@pytest.fixture
def manager(company):
    return stories.staff("manager")


def carry() -> None:
    carry_out(1, 2**60, now=NOW, as_of_ready=False)


def test_a_suppliers_fault_found_by_the_facts_opens_a_claim_with_the_case(claim):
    assert (claim.supplier, claim.state, claim.amount) == ("ground_handling", "open", 0)


def test_no_other_fault_opens_one(company):
    open_cases(stories.broken_flights(company, seats=3), now=NOW)
    assert not RechargeClaim.objects.exists()


def test_its_amount_follows_what_the_case_is_given(claim):
    carry()
    claim.refresh_from_db()
    given = sum(Remedy.objects.values_list("amount", flat=True))
    assert claim.amount == given > 0


def test_a_remedy_granted_by_a_person_counts_too(company, manager):
    open_cases(stories.broken_flights(company, seats=1, distance_km=5_000, minutes_late=400), now=NOW)
    case = Case.objects.get()
    reassess(
        case.pk,
        changes={"responsible": "supplier", "supplier": "catering"},
        reason="The report says so.",
        acting_user=manager,
        now=NOW,
    )
    carry()
    grant_approval(case.approvals.get().pk, acting_user=stories.staff("executive"), now=LATER)
    assert RechargeClaim.objects.get().amount == sum(Remedy.objects.values_list("amount", flat=True))


def test_once_sent_it_stands_at_what_was_sent_and_taken_back_it_catches_up(claim, manager):
    move_recharge(claim.pk, "send", acting_user=manager, now=NOW)
    carry()
    claim.refresh_from_db()
    assert (claim.state, claim.amount, claim.sent_at) == ("sent", 0, NOW)
    move_recharge(claim.pk, "recall", acting_user=manager, now=LATER)
    claim.refresh_from_db()
    assert (claim.state, claim.sent_at) == ("open", None)
    assert claim.amount == sum(Remedy.objects.values_list("amount", flat=True)) > 0


def test_what_is_taken_back_is_not_claimed_and_a_gesture_is(claim, manager):
    carry()
    line = Remedy.objects.order_by("pk").first()
    reverse_remedy(line.pk, reason="Twice.", acting_user=manager, now=LATER)
    claim.refresh_from_db()
    left = sum(Remedy.objects.values_list("amount", flat=True))
    assert claim.amount == left
    make_gesture(claim.case_id, "small-voucher", acting_user=stories.staff("front_line"), now=LATER)
    claim.refresh_from_db()
    assert claim.amount == sum(Remedy.objects.values_list("amount", flat=True)) > left


def test_a_claim_is_sent_with_what_was_given_by_then_whatever_it_said_before(claim, manager):
    carry()
    RechargeClaim.objects.update(amount=999)
    move_recharge(claim.pk, "send", acting_user=manager, now=LATER)
    claim.refresh_from_db()
    assert claim.amount == sum(Remedy.objects.values_list("amount", flat=True))


def test_merged_cases_claim_together_what_they_were_given_once(company, manager):
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    someone = list(Customer.objects.values_list("pk", flat=True))
    incidents += stories.broken_flights(company, prefix="G", customers=someone, minutes_late=100, severity=2)
    Failure.objects.update(responsible="supplier", facts={"minutes_late": 100, "supplier": "ground_handling"})
    open_cases(incidents, now=NOW)
    carry()
    one, two = Case.objects.order_by("pk").values_list("pk", flat=True)
    merge_cases(one, into=two, acting_user=manager, now=LATER)
    for claim in RechargeClaim.objects.order_by("pk"):
        for move in ("send", "recall", "send"):
            move_recharge(claim.pk, move, acting_user=manager, now=LATER)
    claimed = sum(RechargeClaim.objects.values_list("amount", flat=True))
    assert claimed == sum(Remedy.objects.values_list("amount", flat=True)) > 0


def test_a_settlement_says_what_was_recovered_and_no_more_than_was_claimed(claim, manager):
    carry()
    move_recharge(claim.pk, "send", acting_user=manager, now=NOW)
    for wrong in (None, Decimal(-1), Decimal(10**6)):
        with pytest.raises(Unfit):
            move_recharge(claim.pk, "settle", recovered=wrong, acting_user=manager, now=LATER)
    move_recharge(claim.pk, "settle", recovered=Decimal(20), note="By bank.", acting_user=manager, now=LATER)
    claim.refresh_from_db()
    assert (claim.state, claim.recovered, claim.note, claim.decided_by) == ("settled", 20, "By bank.", manager)
    with pytest.raises(IllegalMove):
        move_recharge(claim.pk, "withdraw", acting_user=manager, now=LATER)


def test_a_claim_on_nobody_is_not_sent(claim, manager):
    RechargeClaim.objects.update(supplier="")
    with pytest.raises(Declined):
        move_recharge(claim.pk, "send", acting_user=manager, now=NOW)


def test_only_those_who_may_pursue_claims_see_and_move_them_and_only_within_their_units(claim, company, manager):
    clerk = stories.staff("front_line")
    with pytest.raises(NotAllowed):
        recharges_for(clerk)
    with pytest.raises(NotAllowed):
        move_recharge(claim.pk, "send", acting_user=clerk, now=NOW)
    other = Unit.objects.create(code="SFO", name_en="SFO", name_zh="旧金山", parent=company.unit, path="/HQ/SFO/")
    far = stories.staff("manager", name="far", unit=other)
    assert recharges_for(far).rows == []
    with pytest.raises(NotFound):
        access_recharge(far, claim.pk)
    with pytest.raises(NotFound):
        move_recharge(claim.pk, "send", acting_user=far, now=NOW)
    assert [one.pk for one in recharges_for(manager, state="open").rows] == [claim.pk]
    assert recharges_for(manager, state="sent").rows == []


def test_opened_again_with_more_failures_there_is_still_one_claim(claim, company):
    carry()
    open_cases([Case.objects.get().incident_id], now=LATER)
    assert RechargeClaim.objects.count() == 1
    assert Action.objects.filter(case=claim.case).exists()
