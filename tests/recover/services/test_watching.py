"""Failed recently: handle with care. Set by itself when a case opens, never shortened, lifted with a reason."""

from datetime import timedelta

import pytest
import stories

from amends.people.models import Customer, CustomerChange, Unit
from amends.people.selectors import NotAllowed
from amends.people.services import plant_units, watch_customer
from amends.recover.models import Case
from amends.recover.services import lift_watch, open_cases, watch_failed

NOW = stories.NOW


def opened(company, **more):
    incidents = stories.broken_flights(company, seats=3, **more)
    open_cases(incidents, now=NOW)
    return incidents


def test_whoever_has_a_case_is_watched_for_as_long_as_the_pack_says(company):
    incidents = opened(company)
    assert watch_failed(incidents, now=NOW) == 3
    for case in Case.objects.select_related("customer__watch_why"):
        span = company.pack.care.watch.span({1: "light", 2: "moderate", 3: "severe"}[case.severity])
        assert case.customer.watch_until == case.opened_at + span
        assert case.customer.watch_why.en
        assert case.customer.watch_why.zh
        assert case.customer.watch_why.rule.startswith("care.watch.")


def test_done_twice_it_is_done_once_and_opening_has_a_job_do_it(company):
    from procrastinate.contrib.django.models import ProcrastinateJob

    incidents = opened(company)
    jobs = ProcrastinateJob.objects.filter(task_name="recover.watch")
    assert [job.args["incident_ids"] for job in jobs] == [incidents]
    watch_failed(incidents, now=NOW)
    before = list(Customer.objects.order_by("id").values_list("watch_until", flat=True))
    assert watch_failed(incidents, now=NOW) == 0
    assert list(Customer.objects.order_by("id").values_list("watch_until", flat=True)) == before


def test_a_watch_is_extended_and_never_shortened(company):
    incidents = opened(company)
    longer, shorter, _ = Customer.objects.order_by("id")
    Customer.objects.filter(pk=longer.pk).update(watch_until=NOW + timedelta(days=900), watch_reason="by hand")
    Customer.objects.filter(pk=shorter.pk).update(watch_until=NOW + timedelta(days=1), watch_reason="by hand")
    assert watch_failed(incidents, now=NOW) == 2
    longer.refresh_from_db()
    shorter.refresh_from_db()
    assert (longer.watch_until, longer.watch_reason) == (NOW + timedelta(days=900), "by hand")
    assert shorter.watch_until > NOW + timedelta(days=100)
    assert shorter.watch_reason == ""


def test_what_failed_so_long_ago_that_the_watch_is_over_sets_none(company):
    incidents = opened(company, found_at=NOW - timedelta(days=800))
    assert watch_failed(incidents, now=NOW) == 0


def test_lifted_with_a_reason_it_stays_lifted_until_they_are_failed_again(company):
    incidents = opened(company)
    watch_failed(incidents, now=NOW)
    person, customer = stories.staff("front_line"), Customer.objects.order_by("id")[0]
    with pytest.raises(ValueError, match="reason"):
        lift_watch(customer.pk, reason=" ", acting_user=person, now=NOW)
    lift_watch(customer.pk, reason="They asked us to.", acting_user=person, now=NOW)
    assert watch_failed(incidents, now=NOW) == 0
    customer.refresh_from_db()
    assert customer.watch_until is None
    change = CustomerChange.objects.get(what="watch_lifted")
    assert (change.by, change.reason, change.before != "") == (person, "They asked us to.", True)
    later = NOW + timedelta(days=2)
    again = stories.broken_flights(company, found_at=later, prefix="G", customers=[customer.pk])
    open_cases(again, now=later)
    assert watch_failed(again, now=later) == 1


def test_by_hand_with_ones_own_reason_and_only_by_those_who_work_on_cases(company):
    opened(company)
    customer = Customer.objects.order_by("id")[0]
    with pytest.raises(PermissionError):
        watch_customer(
            customer.pk, until=NOW + timedelta(days=3), reason="x", acting_user=stories.staff("administrator"), now=NOW
        )
    watch_customer(
        customer.pk, until=NOW + timedelta(days=3), reason="VIP", acting_user=stories.staff("supervisor"), now=NOW
    )
    customer.refresh_from_db()
    assert (customer.watch_until, customer.watch_reason) == (NOW + timedelta(days=3), "VIP")


def test_a_second_failure_under_watch_comes_sooner(company):
    watch_failed(opened(company), now=NOW)
    customer = Customer.objects.order_by("id")[0]
    again = stories.broken_flights(company, found_at=NOW + timedelta(hours=1), prefix="G", customers=[customer.pk])
    open_cases(again, now=NOW + timedelta(hours=1))
    first, second = Case.objects.filter(customer=customer).order_by("id")
    assert second.priority > first.priority


def test_only_who_reaches_what_failed_lifts_the_watch_also_after_setting_a_reason_of_ones_own(company):
    incidents = opened(company)
    watch_failed(incidents, now=NOW)
    customer = Customer.objects.order_by("id")[0]
    plant_units([("AFAR", None, "Afar", "远处")])
    afar = stories.staff("front_line", name="afar", unit=Unit.objects.get(code="AFAR"))
    watch_customer(customer.pk, until=NOW + timedelta(days=1), reason="mine", acting_user=afar, now=NOW)
    with pytest.raises(NotAllowed):
        lift_watch(customer.pk, reason="Done.", acting_user=afar, now=NOW)
    here = stories.staff("front_line", name="here", unit=company.branch)
    lift_watch(customer.pk, reason="They asked us to.", acting_user=here, now=NOW)
    later = NOW + timedelta(days=1)
    watch_customer(customer.pk, until=later + timedelta(days=1), reason="mine", acting_user=afar, now=later)
    lift_watch(customer.pk, reason="Done.", acting_user=afar, now=later)  # nothing but their own word held it
    assert Customer.objects.get(pk=customer.pk).watch_until is None
