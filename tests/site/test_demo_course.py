"""The demo's course: each span is judged by a present that no accepted signal is ahead of."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from amends.monitor.models import SetAside, Signal
from amends.monitor.services import accept_signals
from amends.policy.models import Deployment
from amends.policy.services import set_present
from amends.site.demo.feed import Feed
from amends.site.demo.run import SETTLING, _feed_in
from tests import stories

pytestmark = pytest.mark.django_db(transaction=True)


def test_signals_that_a_killed_demo_left_unjudged_are_not_ahead_when_it_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_HOME", str(tmp_path))
    stories.company(kind=Deployment.Kind.DEMO)
    feed = Feed(date(2013, 11, 29), 1)
    spans = list(feed.spans())
    for span in spans[:3]:  # accepted, and then the demo was killed
        set_present(now=span.until, machine_now=timezone.now())
        accept_signals(span.signals, now=span.until)

    _feed_in(feed, until=feed.ends + SETTLING, say=lambda _: None)

    assert Signal.objects.count() == feed.signals.num_rows
    assert not SetAside.objects.exists()
