"""No one above their authority: each line of the ledger was covered when it was written, whatever was done (Law 5)."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import stories
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer
from amends.recover.models import Action, Approval, Remedy
from amends.recover.services import carry_out, do_action, grant_approval, open_cases

NOW = stories.NOW
ACTS = st.tuples(st.sampled_from(["carry", "do", "do", "grant", "grant"]), st.integers(0, 99), st.integers(0, 3))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTS, min_size=4, max_size=20), st.lists(st.integers(50, 900), min_size=4, max_size=4))
def test_every_line_of_the_ledger_was_covered_when_it_was_written(company, acts, sums):
    with transaction.atomic():
        _three_cases_of_one_customer(company, sums)
        people = [stories.staff(role) for role in ("front_line", "supervisor", "supervisor", "manager")]
        for place, (act, pick, who) in enumerate(acts):
            now = NOW + timedelta(hours=place)
            try:
                with transaction.atomic():
                    _act(act, pick, people[who], now)
            except (IllegalMove, PermissionError):
                continue
        _check_ledger(company)
        transaction.set_rollback(True)


def _three_cases_of_one_customer(company, sums):
    incidents = stories.broken_flights(company, seats=1, minutes_late=200)
    someone = list(Customer.objects.values_list("pk", flat=True))
    for prefix in "GH":
        incidents += stories.broken_flights(company, prefix=prefix, customers=someone)
    open_cases(incidents, now=NOW)
    for place, action in enumerate(Action.objects.filter(amount__gt=0, state="ready").order_by("pk")):
        amount, performer = sums[place % len(sums)], ("automatic", "front_line")[place % 2]
        Action.objects.filter(pk=action.pk).update(amount=amount, performer=performer)


def _act(act, pick, person, now):
    if act == "carry":
        carry_out(1, 2**60, now=now, as_of_ready=False)
        return
    rows = Action.objects.filter(amount__gt=0) if act == "do" else Approval.objects.all()
    found = list(rows.order_by("pk"))
    if not found:
        return
    one = found[pick % len(found)].pk
    if act == "do":
        do_action(one, acting_user=person, now=now)
    else:
        grant_approval(one, acting_user=person, now=now)


def _check_ledger(company):
    levels = {level.id: level for level in company.pack.authority}
    by_case, by_customer, by_level = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    for line in Remedy.objects.select_related("approval", "granted_by").order_by("id"):
        level = levels[line.level]  # all of this happens within a day, so every period counts everything
        by_case[line.case_id] += line.amount
        by_customer[line.customer_id] += line.amount
        by_level[line.level] += line.amount
        assert by_case[line.case_id] <= level.per_case
        assert by_customer[line.customer_id] <= level.per_customer.amount
        assert by_level[line.level] <= level.per_period.amount
        assert level.role == ("automatic" if line.granted_by is None else line.granted_by.role)
        if line.approval is not None:
            assert level.approves
            assert line.approval.decided_by_id not in {None, line.approval.asked_by_id}
