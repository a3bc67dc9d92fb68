"""The jobs do what the services do, in the present of the deployment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tests.learn.worlds import NOW

if TYPE_CHECKING:
    from tests.learn.worlds import World


def put_present_at_now() -> None:
    from amends.policy.models import Deployment

    Deployment.objects.update(behind=timezone.now() - NOW)


def test_the_summary_is_made_as_of_the_present_of_the_deployment(world: World) -> None:
    from amends.learn.jobs import refresh_summary, refresh_whole_summary
    from amends.learn.models import SummaryState

    put_present_at_now()
    world.failure()
    refresh_summary()
    first = SummaryState.objects.get().as_of
    assert NOW <= first < NOW + timedelta(minutes=5)
    refresh_whole_summary()
    assert SummaryState.objects.get().as_of > first


def test_lessons_are_drafted_of_the_four_whole_weeks_before(world: World) -> None:
    from amends.learn.jobs import draft_lessons
    from amends.learn.models import Lesson

    put_present_at_now()
    world.failure(at=NOW - timedelta(days=10))
    world.failure(at=NOW - timedelta(days=30))
    draft_lessons()
    lesson = Lesson.objects.get()
    assert lesson.failures == 1
    assert lesson.until - lesson.since == timedelta(days=28)
