"""What has one upstream cause is one incident; what is likely to have one is proposed, and a person decides."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, InternalError

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.models import Affected, Candidate, Failure, Finding, Incident, IncidentAct
from amends.monitor.services import grouping, record_findings
from amends.monitor.services.incidents import correlate
from amends.monitor.services.proposing import STAYS, keep_said, lapse_candidates
from amends.people.models import Customer, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.models import BlueprintVersion
from tests.monitor.told import NOON, finding
from tests.stories import staff

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Tell = Callable[..., None]


def late(name: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """A flight of that name that left late."""
    return finding("late", at, subject=name, opening_id=name, due=at - 20 * MINUTE, **changes)


def flights(tell: Tell, version: BlueprintVersion, *names: str, every: timedelta = HOUR, tail: str = "N1") -> None:
    """Flights of one aircraft, each of another hour, found late one after the other."""
    for place, name in enumerate(names):
        at = NOON + place * every
        tell("flight.scheduled", NOON - HOUR, subject=name, tail=tail, origin="AAA")
        record_findings([late(name, at)], version=version, now=at)


def test_each_failure_says_why_it_is_in_its_incident_in_both_languages(version: BlueprintVersion) -> None:
    arrival = finding("late", NOON + 5 * HOUR, standard="arrive-on-time")
    record_findings([finding("late", NOON + 50 * MINUTE)], version=version, now=NOON)
    record_findings([arrival, late("no-unit", NOON, unit=None)], version=version, now=NOON)
    whys = dict(Failure.objects.values_list("promise_key", "belongs_why__rule"))
    assert sorted(whys.values()) == ["incident.alone", "incident.subject", "incident.window"]
    window = Failure.objects.select_related("belongs_why").get(belongs_why__rule="incident.window").belongs_why
    assert window is not None
    assert "Alpha" in window.en
    assert "甲站" in window.zh
    assert window.inputs["unit"] == "XX-AAA"


def test_place_and_hour_alone_make_no_common_cause(version: BlueprintVersion) -> None:
    told = [
        late("F1", NOON),
        late("F2", NOON + MINUTE),
        finding("late", NOON, standard="arrive-on-time", subject="F3", opening_id="F3", due=NOON - 20 * MINUTE),
    ]
    record_findings(told, version=version, now=NOON)
    kinds = [sorted(one.members.values_list("subject", flat=True)) for one in Incident.objects.order_by("pk")]
    assert sorted(kinds) == [["F1", "F2"], ["F3"]], "an arrival is another step of the process than a departure"


def test_what_hangs_on_a_closed_runway_is_one_incident_across_hours_and_stations(
    version: BlueprintVersion, tell: Tell
) -> None:
    tell("airport.closed", NOON - 30 * MINUTE, subject="airport/AAA")
    for name in ("F1", "F2", "F3"):
        tell("flight.scheduled", NOON - HOUR, subject=name, origin="AAA" if name != "F3" else "BBB")
    record_findings([late("F1", NOON), late("F3", NOON + MINUTE)], version=version, now=NOON)
    record_findings([late("F2", NOON + 3 * HOUR, unit="XX-BBB")], version=version, now=NOON + 3 * HOUR)

    together = Incident.objects.get(key__startswith="upstream/airport-closed/")
    assert set(together.members.values_list("subject", flat=True)) == {"F1", "F2"}
    assert together.gathered_why is not None
    assert "AAA" in together.gathered_why.en
    assert together.gathered_why.zh.startswith("机场关闭")


def test_the_same_alarm_told_again_while_it_lasts_is_one_incident_and_after_its_end_another(
    version: BlueprintVersion, tell: Tell
) -> None:
    tell("airport.closed", NOON, subject="airport/AAA")
    with connection.cursor() as cursor:  # told again by another system
        cursor.execute(
            "insert into monitor_signal (source, signal_id, type, subject, time, received_at)"
            " values ('other', 'again', 'airport.closed', 'airport/AAA', %s, %s), "
            "('other', 'end', 'airport.reopened', 'airport/AAA', %s, %s)",
            [NOON + HOUR, NOON + HOUR, NOON + 2 * HOUR, NOON + 2 * HOUR],
        )
    for name in ("F1", "F2", "F3"):
        tell("flight.scheduled", NOON - HOUR, subject=name, origin="AAA")
    told = [late("F1", NOON + 10 * MINUTE), late("F2", NOON + 90 * MINUTE), late("F3", NOON + 3 * HOUR)]
    record_findings(told, version=version, now=NOON)
    assert Incident.objects.get(key__startswith="upstream/").failures == 2
    assert Incident.objects.get(members__subject="F3").key.startswith("unit/")


def test_what_failed_before_we_heard_of_the_cause_counts_there_too_and_keeps_where_its_cases_are(
    version: BlueprintVersion, tell: Tell
) -> None:
    for name in ("F1", "F2"):
        tell("flight.scheduled", NOON - HOUR, subject=name, origin="AAA")
    record_findings([late("F1", NOON)], version=version, now=NOON)
    born = Failure.objects.get(subject="F1").incident_id
    tell("airport.closed", NOON - 5 * MINUTE, subject="airport/AAA")
    record_findings([late("F2", NOON + 2 * HOUR)], version=version, now=NOON)

    first, second = Failure.objects.order_by("subject")
    assert (first.incident_id, first.counts_in) == (born, second.incident_id)
    assert Incident.objects.get(pk=second.incident_id).failures == 2
    assert Incident.objects.get(pk=born).failures == 0


def test_a_failure_of_the_resource_itself_gathers_what_hangs_on_it(version: BlueprintVersion, tell: Tell) -> None:
    tell("flight.scheduled", NOON - HOUR, subject="F1", origin="AAA")
    told = [late("airport/AAA", NOON, unit=None), late("F1", NOON + HOUR)]
    record_findings(told, version=version, now=NOON)
    assert Incident.objects.get().failures == 2


def test_late_flights_of_one_aircraft_are_proposed_once_and_later_ones_join(
    version: BlueprintVersion, tell: Tell
) -> None:
    flights(tell, version, "F1", "F2", "F3")
    assert not Candidate.objects.exists()
    flights(tell, version, "F1", "F2", "F3", "F4")
    candidate = Candidate.objects.get()
    assert (candidate.state, candidate.subjects, candidate.resource) == ("proposed", 4, "aircraft/N1")
    tell("flight.scheduled", NOON - HOUR, subject="F5", tail="N1")
    record_findings([late("F5", NOON + 8 * HOUR)], version=version, now=NOON)
    assert Candidate.objects.get().subjects == 5
    assert Incident.objects.count() == 5  # a proposal changes nothing yet


def test_flights_of_one_aircraft_that_failed_long_apart_are_not_proposed(version: BlueprintVersion, tell: Tell) -> None:
    flights(tell, version, "F1", "F2", "F3", "F4", every=7 * HOUR)
    assert not Candidate.objects.exists()


def test_a_confirmed_candidate_is_one_incident_and_what_joins_later_counts_there_at_once(
    version: BlueprintVersion, tell: Tell
) -> None:
    flights(tell, version, "F1", "F2", "F3", "F4")
    born = dict(Failure.objects.values_list("subject", "incident_id"))
    boss = staff("manager")
    left_out = Failure.objects.get(subject="F4").pk
    incident = grouping.confirm(
        Candidate.objects.get().pk, leave_out=[left_out], version=version, acting_user=boss, now=NOON
    )
    assert (incident.failures, incident.state) == (3, "responding")
    assert Failure.objects.get(subject="F4").joined is None
    tell("flight.scheduled", NOON - HOUR, subject="F5", tail="N1")
    record_findings([late("F5", NOON + 6 * HOUR)], version=version, now=NOON)
    arrival = late("F1", NOON + 7 * HOUR, standard="arrive-on-time")
    record_findings([arrival], version=version, now=NOON)
    incident.refresh_from_db()
    assert incident.failures == 5
    assert {subject: born[subject] for subject in ("F1", "F2", "F3", "F4")} == dict(
        Failure.objects.filter(standard="depart-on-time").exclude(subject="F5").values_list("subject", "incident_id")
    )
    why = Failure.objects.select_related("belongs_why").get(subject="F2").belongs_why
    assert why is not None
    assert why.rule == "incident.confirmed"
    assert boss.name in why.zh


def test_a_candidate_is_decided_once_and_a_dismissed_one_may_be_looked_at_again(
    version: BlueprintVersion, tell: Tell
) -> None:
    flights(tell, version, "F1", "F2", "F3", "F4")
    boss, pk = staff("manager"), Candidate.objects.get().pk
    grouping.dismiss(pk, acting_user=boss, now=NOON, note="chance")
    with pytest.raises(IllegalMove):
        grouping.confirm(pk, version=version, acting_user=boss, now=NOON)
    grouping.reconsider(pk, acting_user=boss, now=NOON)
    grouping.confirm(pk, version=version, acting_user=boss, now=NOON)
    with pytest.raises(IllegalMove):
        grouping.dismiss(pk, acting_user=boss, now=NOON)
    acts = list(IncidentAct.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["dismiss_candidate", "reconsider_candidate", "confirm_candidate"]


def test_a_candidate_that_nobody_decides_lapses(version: BlueprintVersion, tell: Tell) -> None:
    flights(tell, version, "F1", "F2", "F3", "F4")
    assert lapse_candidates(now=NOON + STAYS) == 0
    assert lapse_candidates(now=NOON + STAYS + 4 * HOUR) == 1
    assert Candidate.objects.get().state == "lapsed"


def complaint(version: BlueprintVersion, number: int, words: str, *, at: datetime = NOON) -> Failure:
    """A customer tells us of something."""
    record_findings([late(f"told-{number}", at, unit="XX-BBB")], version=version, now=at)
    failure = Failure.objects.get(subject=f"told-{number}")
    Failure.objects.filter(pk=failure.pk).update(incident=None)
    customer = Customer.objects.create(reference=f"T-{number}", name=f"T{number}", locale="en", created_at=at)
    Affected.objects.create(
        failure=failure, customer=customer, severity=1, severity_why_id=failure.severity_why_id, facts={}
    )
    with connection.cursor() as cursor:
        keep_said(cursor, failure.pk, words, at)
    correlate([failure.pk], version=version)
    return failure


def test_complaints_in_like_words_are_proposed_in_either_language(version: BlueprintVersion) -> None:
    complaint(version, 1, "The wheel of my suitcase was broken when it came back")
    complaint(version, 2, "nobody told us anything at the gate")
    complaint(version, 3, "the wheel of my suitcase is broken, it came back so")
    assert not Candidate.objects.exists()
    complaint(version, 4, "Broken wheel of my suitcase when it came back!")
    complaint(version, 5, "行李箱轮子被摔坏了")
    complaint(version, 6, "我的行李箱轮子摔坏了")
    complaint(version, 7, "行李箱的轮子摔坏了！")
    english, chinese = Candidate.objects.order_by("pk")
    assert (english.basis, english.failures, english.customers) == ("words", 3, 3)
    assert chinese.failures == 3
    assert "行李箱" in chinese.why.zh
    complaint(version, 8, "the wheel of my suitcase was broken when it came back from you")
    assert Candidate.objects.get(pk=english.pk).failures == 4


def test_merged_incidents_count_as_one_late_arrivals_too_and_can_be_parted(
    version: BlueprintVersion,
) -> None:
    told = [late("F1", NOON), late("F2", NOON, unit="XX-BBB")]
    record_findings(told, version=version, now=NOON)
    one, other = Incident.objects.order_by("pk")
    boss = staff("manager")
    survivor = grouping.merge(other.pk, into=one.pk, acting_user=boss, now=NOON)
    assert survivor.failures == 2
    record_findings([late("F3", NOON + MINUTE, unit="XX-BBB")], version=version, now=NOON)
    survivor.refresh_from_db()
    assert survivor.failures == 3
    with pytest.raises(IllegalMove):
        grouping.merge(other.pk, into=one.pk, acting_user=boss, now=NOON)
    with pytest.raises(grouping.NotSo):
        grouping.merge(one.pk, into=other.pk, acting_user=boss, now=NOON)  # that one counts in it already
    parted = grouping.part(other.pk, acting_user=boss, now=NOON)
    survivor.refresh_from_db()
    assert (survivor.failures, parted.failures, parted.state) == (1, 2, "responding")


def test_a_split_takes_whole_subjects_and_what_joins_them_later(version: BlueprintVersion) -> None:
    told = [late("F1", NOON), late("F2", NOON + MINUTE)]
    record_findings(told, version=version, now=NOON)
    incident, boss = Incident.objects.get(), staff("manager")
    for nonsense in ([], ["F1", "F2"], ["F9"]):
        with pytest.raises(grouping.NotSo):
            grouping.split(incident.pk, subjects=nonsense, version=version, acting_user=boss, now=NOON)
    fresh = grouping.split(incident.pk, subjects=["F2"], version=version, acting_user=boss, now=NOON, note="fog")
    record_findings([late("F2", NOON + HOUR, standard="arrive-on-time")], version=version, now=NOON)
    incident.refresh_from_db()
    fresh.refresh_from_db()
    assert (incident.failures, fresh.failures, fresh.subject) == (1, 2, "F2")


def test_only_whoever_works_on_incidents_of_those_units_may_group_them(version: BlueprintVersion) -> None:
    told = [late("F1", NOON), late("F2", NOON, unit="XX-BBB")]
    record_findings(told, version=version, now=NOON)
    one, other = Incident.objects.order_by("pk")
    with pytest.raises(NotAllowed):
        grouping.end(one.pk, acting_user=staff("front_line"), now=NOON)
    near = staff("supervisor", unit=Unit.objects.get(code="XX-AAA"))
    with pytest.raises(NotFound):
        grouping.merge(one.pk, into=other.pk, acting_user=near, now=NOON)
    assert grouping.end(one.pk, acting_user=near, now=NOON).state == "ended"
    assert grouping.go_on(one.pk, acting_user=near, now=NOON).state == "responding"


def test_what_was_done_stays_on_record(version: BlueprintVersion) -> None:
    record_findings([late("F1", NOON)], version=version, now=NOON)
    grouping.end(Incident.objects.get().pk, acting_user=staff("manager"), now=NOON)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        IncidentAct.objects.update(note="something else")


def test_findings_told_twice_change_no_candidate_and_no_reason(version: BlueprintVersion, tell: Tell) -> None:
    flights(tell, version, "F1", "F2", "F3", "F4")

    def rows() -> list[object]:
        return [list(model.objects.order_by("pk").values()) for model in (Candidate, Incident, Failure, Finding)]

    before = rows()
    flights(tell, version, "F1", "F2", "F3", "F4")
    assert rows() == before
