"""A standard that matches everything opens no flood: it is held, all it found stays on record, and a person decides."""

from datetime import timedelta
from typing import Any

import pytest

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.lifecycle import IllegalMove
from amends.monitor.grouped import held_standards
from amends.monitor.models import Failure, HeldFinding, IncidentAct, StandardGuard
from amends.monitor.services import record_findings, wanted_findings
from amends.monitor.services.guard import resume_standard
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import plant_units
from amends.policy.models import BlueprintVersion
from amends.policy.services import publish_blueprint
from tests.kept import Kept
from tests.monitor.told import NOON, finding
from tests.stories import staff

pytestmark = pytest.mark.django_db
LIMIT = 5


def _guarded() -> BlueprintVersion:
    plant_units([("XX", None, "Airline", "航空"), ("XX-AAA", "XX", "Alpha", "甲站")])
    content = load_shipped("airline").content()
    content["incidents"]["guard"] = {"per_minute": LIMIT, "standards": {"arrive-on-time": 100}}
    return publish_blueprint(Blueprint.from_content(content), name="airline", now=NOON, acting_user="test")


guarded = Kept(_guarded)


def burst(number: int, *, start: int = 0, standard: str = "depart-on-time", minute: int = 0) -> list[dict[str, Any]]:
    """So many breaches within one minute."""
    return [
        finding(
            "breached",
            NOON + timedelta(minutes=minute, milliseconds=place),
            subject=f"F{place}",
            opening_id=f"F{place}",
            standard=standard,
        )
        for place in range(start, start + number)
    ]


def test_beyond_the_limit_of_a_minute_findings_wait_on_record_however_they_were_cut() -> None:
    version = guarded()
    for part in (burst(3), burst(3, start=3), burst(4, start=6)):
        record_findings(part, version=version, now=NOON)
    assert Failure.objects.count() == LIMIT
    assert HeldFinding.objects.count() == 5
    (held,) = held_standards(staff("quality_owner"))
    assert (held.guard.state, held.guard.limit, held.waiting) == ("held", LIMIT, 5)


def test_a_minute_within_the_limit_and_another_standard_go_on() -> None:
    version = guarded()
    record_findings(burst(LIMIT) + burst(LIMIT, start=9, minute=1), version=version, now=NOON)
    record_findings(burst(40, start=100, standard="arrive-on-time"), version=version, now=NOON)
    assert not HeldFinding.objects.exists()


def test_what_is_a_failure_already_goes_on_while_its_standard_is_held() -> None:
    version = guarded()
    record_findings(burst(9), version=version, now=NOON)
    further = finding("late", NOON + timedelta(minutes=30), subject="F0", opening_id="F0")
    record_findings([further, *burst(1, start=50, minute=30)], version=version, now=NOON)
    assert Failure.objects.get(subject="F0").stage == "late"
    assert not Failure.objects.filter(subject="F50").exists()


def test_what_was_held_becomes_failures_if_a_person_wants_it() -> None:
    version = guarded()
    record_findings(burst(9), version=version, now=NOON)
    owner = staff("quality_owner")
    resume_standard("depart-on-time", take=True, note="A storm, all true.", acting_user=owner, now=NOON)
    record_findings(wanted_findings(version), version=version, now=NOON, guarded=False)
    assert Failure.objects.count() == 9
    assert wanted_findings(version) == []
    assert IncidentAct.objects.get().details == {"take": True, "held": 4}
    record_findings(burst(3, start=20, minute=5), version=version, now=NOON)
    assert Failure.objects.count() == 12


def test_what_was_held_stays_a_finding_if_the_standard_was_wrong() -> None:
    version = guarded()
    record_findings(burst(9), version=version, now=NOON)
    resume_standard("depart-on-time", take=False, note="", acting_user=staff("administrator"), now=NOON)
    assert wanted_findings(version) == []
    assert Failure.objects.count() == LIMIT
    assert HeldFinding.objects.filter(state="left").count() == 4
    assert StandardGuard.objects.get().state == "watching"


def test_what_was_left_on_record_stays_there_when_it_goes_further() -> None:
    version = guarded()
    record_findings(burst(9), version=version, now=NOON)
    resume_standard("depart-on-time", take=False, note="", acting_user=staff("administrator"), now=NOON)
    known = set(Failure.objects.values_list("subject", flat=True))
    for place in range(9):
        at = NOON + timedelta(minutes=60 + place)
        further = finding("late", at, subject=f"F{place}", opening_id=f"F{place}")
        record_findings([further], version=version, now=at)
    assert set(Failure.objects.values_list("subject", "stage")) == {(subject, "late") for subject in known}
    assert HeldFinding.objects.filter(what="late", state="left").count() == 4
    record_findings(burst(1, start=9, minute=90), version=version, now=NOON)
    assert Failure.objects.filter(subject="F9").exists()


def test_held_findings_told_twice_are_kept_once() -> None:
    version = guarded()
    for _ in range(2):
        record_findings(burst(9), version=version, now=NOON)
    assert (Failure.objects.count(), HeldFinding.objects.count()) == (LIMIT, 4)


def test_only_who_answers_for_standards_resumes_one_that_is_held() -> None:
    version = guarded()
    record_findings(burst(9), version=version, now=NOON)
    for role in ("front_line", "manager", "executive"):
        with pytest.raises(NotAllowed):
            resume_standard("depart-on-time", take=True, note="", acting_user=staff(role), now=NOON)
    owner = staff("quality_owner")
    with pytest.raises(NotFound):
        resume_standard("nothing", take=True, note="", acting_user=owner, now=NOON)
    resume_standard("depart-on-time", take=False, note="", acting_user=owner, now=NOON)
    with pytest.raises(IllegalMove):
        resume_standard("depart-on-time", take=False, note="", acting_user=owner, now=NOON)
