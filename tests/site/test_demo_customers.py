"""Whom the demo makes known is known since the demo's present, not since the machine's date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from amends.people.models import Customer
from amends.policy.models import Deployment
from amends.policy.services import set_present
from amends.site.demo.feed import Feed
from amends.site.demo.run import fetch_roster
from tests import stories


@pytest.mark.django_db
def test_customers_of_the_demo_are_known_since_their_first_roster_in_the_demos_time() -> None:
    stories.company(kind=Deployment.Kind.DEMO)
    feed = Feed(date(2013, 1, 1), 1)
    subjects = frozenset(one for one in feed.signals["subject"].to_pylist()[:200] if "/" in one)
    first = datetime(2013, 1, 1, 12, tzinfo=UTC)
    for later in (timedelta(), timedelta(days=1)):  # a second roster makes nobody known anew
        set_present(now=first + later, machine_now=timezone.now())
        fetch_roster(feed, subjects)
    known = set(Customer.objects.values_list("created_at", flat=True))
    assert known
    assert all(first <= one < first + timedelta(hours=1) for one in known)
