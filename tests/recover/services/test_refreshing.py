"""A failure of which more is known, and by which nothing more is owed: its open cases show it as it is known now."""

from datetime import timedelta
from typing import Any

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.channels.models import Message
from amends.kernel.blueprint import load_shipped
from amends.monitor.models import Affected, Failure
from amends.recover.models import Action, Case, CaseLink, Clock, Edit, TrailEntry
from amends.recover.services import carry_out, correct_facts, open_cases, reassess
from amends.recover.services.opening import Opened

NOW = stories.NOW
LATER = NOW + timedelta(hours=3)
FAR = {"distance_km": 5_000, "domestic": True, "cancelled": False, "never": False}


@pytest.fixture
def airline(db) -> stories.Company:
    return stories.company(pack=load_shipped("airline"))


def late(place: stories.Company, **how: Any) -> list[int]:
    """A flight that is 130 minutes late, and its cases."""
    found = stories.broken_flights(place, minutes_late=130, distance_km=5_000, severity=2, **how)
    Failure.objects.filter(incident_id__in=found).update(facts={**FAR, "minutes_late": 130})
    open_cases(found, now=NOW)
    return found


@pytest.fixture
def incidents(airline) -> list[int]:
    """It carried one customer."""
    return late(airline, seats=1)


def turns(incidents: list[int], minutes: int, **changes: Any) -> Opened:
    """The same failure is that late now."""
    Failure.objects.filter(incident_id__in=incidents).update(facts={**FAR, "minutes_late": minutes}, **changes)
    return open_cases(incidents, now=LATER)


def shown() -> tuple[Any, str]:
    case = Case.every.select_related("what_happened").get()
    return case.facts["minutes_late"], case.what_happened.en


def around() -> list[Any]:
    """All that stays as it is."""
    return [
        list(Case.objects.values_list("state", "is_open", "closed_at", "opened_at", "next_due", "plan__revision")),
        *(list(model.objects.order_by("pk").values()) for model in (Action, Clock, Message, Edit)),
    ]


def test_facts_and_sentence_follow_and_nothing_else_does(incidents):
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    before, version = around(), Case.objects.get().version
    assert shown() == (130, "F1 left 130 minutes late.")
    assert turns(incidents, 150) == Opened()
    assert shown() == (150, "F1 left 150 minutes late.")
    assert around() == before
    assert Case.objects.get().version == version + 1
    entry = TrailEntry.objects.order_by("number").last()
    assert entry is not None
    assert (entry.rows, entry.act, entry.actor) == ("recover_case", "open_cases", "automatic")
    assert '"minutes_late": 150' in entry.changes
    assert '"what_happened_id"' in entry.changes


def test_the_same_again_leaves_no_trace(incidents):
    turns(incidents, 150)
    entries, version = TrailEntry.objects.count(), Case.objects.get().version
    turns(incidents, 150)
    assert (TrailEntry.objects.count(), Case.objects.get().version) == (entries, version)


def test_whose_fault_it_was_and_how_grave_it_is_follow_too(incidents):
    hurt = Affected.objects.select_related("severity_why").get()
    before = Case.objects.get()
    Affected.objects.update(severity=3)
    turns(incidents, 150, responsible="external", controllable=False, attribution_why=hurt.severity_why)
    case = Case.objects.get()
    assert (case.responsible, case.controllable, case.cause_id) == ("external", False, hurt.severity_why_id)
    assert (case.severity, case.priority > before.priority, case.leaving > before.leaving) == (3, True, True)


def test_a_finished_case_shows_it_and_stays_finished(incidents):
    Case.objects.update(state="made_good")
    turns(incidents, 150)
    assert (shown()[0], Case.objects.get().state) == (150, "made_good")


def corrected() -> None:
    clerk, case = stories.staff("supervisor"), Case.objects.get()
    correct_facts(case.pk, changes={"minutes_late": 125}, reason="Seen.", acting_user=clerk, now=NOW)


def closed() -> None:
    Case.objects.update(state="closed", is_open=False)


def confidential() -> None:
    Case.objects.update(confidential=True)


def linked(kind: CaseLink.Kind) -> None:
    other = Case.objects.get()
    other.pk, other.incident = None, None
    other.is_open = False
    other.save(force_insert=True)
    CaseLink.objects.create(case=other, other=Case.objects.exclude(pk=other.pk).get(), kind=kind, at=NOW)


@pytest.mark.parametrize("spared", [closed, confidential, corrected])
def test_what_is_spared(incidents, spared):
    spared()
    before = (shown(), Case.every.get().version)
    turns(incidents, 150)
    assert (shown(), Case.every.get().version) == before


@pytest.mark.parametrize("kind", [CaseLink.Kind.SPLIT_FROM, CaseLink.Kind.MERGED_INTO])
def test_what_was_split_or_merged_is_left_to_people(incidents, kind):
    linked(kind)
    turns(incidents, 150)
    assert set(Case.objects.values_list("facts__minutes_late", flat=True)) == {130}


def test_a_corrected_fact_stays_and_the_others_follow(incidents):
    corrected()
    cause = Case.objects.get().cause_id
    Failure.objects.update(attribution_why=Affected.objects.get().severity_why)
    Failure.objects.update(facts={**FAR, "minutes_late": 150, "distance_km": 4_900})
    open_cases(incidents, now=LATER)
    case = Case.objects.get()
    assert (case.facts["minutes_late"], case.facts["distance_km"], case.cause_id) == (125, 4_900, cause)


def test_what_a_person_judged_stays(incidents):
    clerk, pk = stories.staff("supervisor"), Case.objects.get().pk
    for severity in (3, 2):
        changes = {"kind": "late_arrival", "severity": severity, "responsible": "person"}
        reassess(pk, changes=changes, reason="Seen.", acting_user=clerk, now=NOW)
    Affected.objects.update(severity=3)
    before = Case.objects.get()
    turns(incidents, 150, attribution_why=Affected.objects.get().severity_why)
    case = Case.objects.get()
    for name in ("kind", "severity", "responsible", "cause_id", "what_happened_id", "priority"):
        assert getattr(case, name) == getattr(before, name)
    assert case.facts["minutes_late"] == 150


def test_many_cases_take_no_more_statements_than_one(airline, incidents):
    many = late(airline, seats=20, prefix="G")
    counts = []
    for which in (incidents, many):
        with CaptureQueriesContext(connection) as seen:
            turns(which, 150)
        counts.append(len(seen))
    assert Case.objects.filter(facts__minutes_late=150).count() == 21
    assert counts[1] <= counts[0]
