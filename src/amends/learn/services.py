"""Writes of learning: keep the summary, draft lessons, and record what a person decides about them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from amends.learn import evidence, summary
from amends.learn.core.lesson import LESSON, Draft, Evidence, draft
from amends.learn.models import Lesson, LessonDecision
from amends.learn.selectors import access_lesson
from amends.people.models import Staff
from amends.people.selectors import require
from amends.policy.selectors import blueprint_of, deployment, version_in_force


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """What drafting did; lessons that a person has decided about stay as they were."""

    new: int
    updated: int
    kept: int


def refresh_summary(*, now: datetime, whole: bool = False) -> summary.Refreshed:
    """Take what is new or changed upstream into the summary, or make it whole again."""
    if whole:
        return summary.refresh(now=now)
    days, marks = summary.touched_days()
    return summary.refresh(now=now, days=days, marks=marks)


@transaction.atomic
def draft_lessons(*, since: datetime, until: datetime, now: datetime, top: int = 5, all_new: bool = False) -> Drafted:
    """One lesson for each of the dearest causes of the period. Drafting again brings the drafts up to date.

    A lesson's period are whole local days, as in the summary: all of which some part lies in [since, until).

    Args:
        since: the period's beginning.
        until: its end.
        now: the present.
        top: how many causes.
        all_new: nearly all that is on record changed since the summary was made, so that making it whole is quicker
            than looking for what changed.
    """
    refresh_summary(now=now, whole=all_new)
    here = deployment()
    version = version_in_force(here.blueprint_name)
    zone = ZoneInfo(here.timezone)
    found = evidence.of_top_causes(blueprint_of(version.pk), since=since, until=until, zone=zone, top=top)
    drafts = {(words := draft(one.evidence, zone=zone)).key: (one, words) for one in found}
    known = {lesson.key: lesson for lesson in Lesson.objects.select_for_update().filter(key__in=drafts).order_by("key")}
    new, updated = [], []
    for key, (one, words) in drafts.items():
        lesson = known.get(key)
        if lesson is None:
            lesson = Lesson(key=key, state=LESSON.initial, created_at=now)
            new.append(lesson)
        elif lesson.state == LESSON.initial:
            updated.append(lesson)
        else:
            continue
        _write(lesson, one, words, version_id=version.pk)
    Lesson.objects.bulk_create(new)
    Lesson.objects.bulk_update(updated, _WRITTEN)
    return Drafted(new=len(new), updated=len(updated), kept=len(drafts) - len(new) - len(updated))


def confirm_lesson(lesson_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Lesson:
    """A person says: this is so, and something should change."""
    return _decide(lesson_id, "confirm", acting_user=acting_user, now=now, note=note)


def reject_lesson(lesson_id: int, *, acting_user: Staff, now: datetime, note: str) -> Lesson:
    """A person says: this is not so, or not worth a change; the note says why."""
    if not note.strip():
        raise ValueError("Say why the lesson is rejected; the next one who looks at this cause will want to know.")
    return _decide(lesson_id, "reject", acting_user=acting_user, now=now, note=note)


def reconsider_lesson(lesson_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Lesson:
    """Back to a draft, to be decided again."""
    return _decide(lesson_id, "reconsider", acting_user=acting_user, now=now, note=note)


@transaction.atomic
def _decide(lesson_id: int, move: str, *, acting_user: Staff, now: datetime, note: str) -> Lesson:
    require(acting_user, "work_learning")
    access_lesson(acting_user, lesson_id)
    lesson = Lesson.objects.select_for_update().get(pk=lesson_id)
    lesson.state = LESSON.after(lesson.state, move)
    lesson.save(update_fields=["state"])
    LessonDecision.objects.create(lesson=lesson, move=move, by=acting_user, at=now, note=note.strip())
    return lesson


_WRITTEN = (
    *("kind", "step", "responsible", "unit", "since", "until", "failures", "customers", "cost", "currency"),
    *("evidence", "title_en", "title_zh", "text_en", "text_zh", "blueprint"),
)


def _write(lesson: Lesson, one: evidence.CauseEvidence, words: Draft, *, version_id: int) -> None:
    told: Evidence = one.evidence
    lesson.kind, lesson.step, lesson.responsible = told.kind.id, told.kind.step, told.responsible
    lesson.unit_id, lesson.blueprint_id = one.unit_id, version_id
    lesson.since, lesson.until = told.since, told.until
    lesson.failures, lesson.customers = told.failures, told.customers
    lesson.cost, lesson.currency = told.cost.amount, told.cost.currency
    lesson.title_en, lesson.title_zh = words.title.en, words.title.zh
    lesson.text_en, lesson.text_zh = words.text.en, words.text.zh
    lesson.evidence = one.as_json(direction=words.direction)
