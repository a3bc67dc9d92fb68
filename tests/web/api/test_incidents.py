"""Incidents, candidates, closures and held standards over the API, as in the console."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Candidate, Failure, Incident
from amends.monitor.services import accept_signals, record_findings
from amends.policy.present import present
from amends.policy.selectors import version_in_force

Ask = Callable[..., Any]
HOUR = timedelta(hours=1)


def found(name: str, at: datetime, unit: str) -> dict[str, Any]:
    """A flight that left late."""
    return {
        "standard": "depart-on-time",
        "subject": name,
        "what": "late",
        "at": at,
        "due": at - HOUR / 2,
        "opened_at": at - 24 * HOUR,
        "opening_id": name,
        "opening_source": "test",
        "customer": None,
        "unit": unit,
    }


@pytest.fixture
def flights(company: Any) -> datetime:
    """Four flights of one aircraft that were late one after the other."""
    now = present()
    names = [f"F{place}" for place in range(4)]
    accept_signals(
        [
            SignalIn(id=name, source="test", type="flight.scheduled", subject=name, time=now, data={"tail": "N1"})
            for name in names
        ],
        now=now,
    )
    told = [found(name, now - 5 * HOUR + place * HOUR, "EWR") for place, name in enumerate(names)]
    record_findings(told, version=version_in_force("airline"), now=now)
    return now


@pytest.fixture
def secret(token: Callable[..., str]) -> str:
    return token("manager", unit="EWR")


def test_a_candidate_is_confirmed_and_its_failures_name_the_incident_and_why(
    ask: Ask, secret: str, flights: datetime
) -> None:
    (candidate,) = ask("GET", "/incident-candidates", secret).json()["items"]
    assert (candidate["basis"], candidate["resource"], len(candidate["failures"])) == ("upstream", "aircraft/N1", 4)
    sent = {"act": "confirm", "leave_out": candidate["failures"][:1], "note": "it was the engine"}
    done = ask("POST", f"/incident-candidates/{candidate['id']}/move", secret, send=sent).json()
    assert (done["state"], len(done["failures"])) == ("confirmed", 3)
    failure = ask("GET", f"/failures/{candidate['failures'][1]}", secret).json()
    assert failure["incident"] == done["incident"]
    assert "N1" in failure["incident_why"]["zh"]
    incident = ask("GET", f"/incidents/{done['incident']}", secret).json()
    assert incident["failures"] == 3
    again = ask("POST", f"/incident-candidates/{candidate['id']}/move", secret, send={"act": "dismiss"})
    assert again.status_code == 409


def test_incidents_are_merged_parted_split_and_ended(ask: Ask, secret: str, flights: datetime) -> None:
    one, other = Incident.objects.order_by("pk").values_list("pk", flat=True)[:2]
    nothing = ask("POST", f"/incidents/{other}/move", secret, send={"act": "merge"})
    assert (nothing.status_code, nothing.json()["errors"][0]["where"]) == (422, "body.into")
    merged = ask("POST", f"/incidents/{other}/move", secret, send={"act": "merge", "into": one}).json()
    assert (merged["id"], merged["failures"]) == (one, 2)
    assert ask("GET", f"/incidents/{other}", secret).json()["merged_into"] == one
    assert ask("POST", f"/incidents/{one}/move", secret, send={"act": "split", "subjects": []}).status_code == 409
    fresh = ask("POST", f"/incidents/{one}/move", secret, send={"act": "split", "subjects": ["F1"]}).json()
    assert (fresh["subject"], fresh["failures"]) == ("F1", 1)
    assert ask("POST", f"/incidents/{other}/move", secret, send={"act": "part"}).json()["state"] == "responding"
    assert ask("POST", f"/incidents/{one}/move", secret, send={"act": "end"}).json()["state"] == "ended"
    assert ask("POST", f"/incidents/{one}/move", secret, send={"act": "go_on"}).json()["state"] == "responding"


def test_a_closure_keeps_back_what_fails_in_it_and_is_taken_back(ask: Ask, secret: str, company: Any) -> None:
    now = present()
    sent = {
        "unit": "EWR",
        "starts_at": (now - HOUR).isoformat(),
        "ends_at": (now + HOUR).isoformat(),
        "reason_en": "Works.",
        "reason_zh": "施工。",
    }
    assert ask("POST", "/closures", secret, send=sent | {"resource": "airport/EWR"}).status_code == 422
    closure = ask("POST", "/closures", secret, send=sent).json()
    record_findings([found("F9", now, "EWR")], version=version_in_force("airline"), now=now)
    assert Failure.objects.get().incident is None
    assert ask("GET", f"/failures/{Failure.objects.get().pk}", secret).json()["closure"] == closure["id"]
    assert len(ask("GET", "/closures", secret).json()["items"]) == 1
    done = ask("POST", f"/closures/{closure['id']}/move", secret, send={"act": "withdraw"}).json()
    assert done["withdrawn_at"] is not None
    assert Failure.objects.get().incident is not None
    assert ask("POST", f"/closures/{closure['id']}/move", secret, send={"act": "end"}).status_code == 409
    assert len(ask("GET", "/closures?past=true", secret).json()["items"]) == 1


def test_a_held_standard_is_resumed_by_who_answers_for_it(ask: Ask, token: Callable[..., str], company: Any) -> None:
    now = present()
    minute = now.replace(second=0, microsecond=0) - HOUR
    flood = [found(f"F{place}", minute + timedelta(milliseconds=place), "EWR") for place in range(310)]
    record_findings(flood, version=version_in_force("airline"), now=now)
    owner = token("quality_owner")
    (held,) = ask("GET", "/held-standards", owner).json()["items"]
    assert (held["standard"], held["limit"], held["waiting"]) == ("depart-on-time", 300, 10)
    sent = {"take": False, "note": "a slip"}
    assert ask("POST", "/held-standards/depart-on-time/resume", owner, send=sent).json()["items"] == []
    assert ask("POST", "/held-standards/depart-on-time/resume", owner, send=sent).status_code == 409


def test_what_lies_elsewhere_is_not_there(ask: Ask, token: Callable[..., str], flights: datetime) -> None:
    elsewhere = token("manager", unit="JFK")
    for path in (
        f"/incidents/{Incident.objects.all()[0].pk}/move",
        f"/incident-candidates/{Candidate.objects.get().pk}/move",
    ):
        assert (
            ask("POST", path, elsewhere, send={"act": "end" if "incidents/" in path else "dismiss"}).status_code == 404
        )


def test_a_kind_of_failure_that_there_is_not_is_refused_with_those_that_there_are(
    ask: Ask, token: Callable[..., str]
) -> None:
    secret = token("supervisor", "read:failures")
    assert ask("GET", "/failures?kind=slow", secret).status_code == 200
    refused = ask("GET", "/failures?kind=nope", secret)
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    assert refused.json()["errors"][0]["where"] == "query.kind"
    assert "There is no kind of failure 'nope'; there are slow, " in refused.json()["errors"][0]["what"]
