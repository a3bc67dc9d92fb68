"""The control chart of a rate on its standard's page, and what got out of control on the incident's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from amends.monitor.models import Incident
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db
PATH = "/monitor/standards/station-punctual/"


def burst() -> Incident:
    """A day of one station whose last window but one got out of control; another that is in control."""
    from amends.monitor.models import Incident
    from amends.monitor.services import keep_windows, record_rates
    from amends.policy.selectors import deployment, version_in_force
    from tests.web.console.world import NOW

    hour = timedelta(hours=1)
    start = NOW.replace(minute=0, second=0, microsecond=0) - 24 * hour
    figures = {"centre": 0.25, "lower": 0.0, "upper": 0.66, "number": 10.0, "statistic": 1.0, "bound": 3.0}
    points = []
    for unit in ("XX-EWR", "XX-JFK"):
        place = {"standard": "station-punctual", "subject": unit, "unit": unit}
        for number in range(24):
            out = unit == "XX-EWR" and number >= 22
            bad = 8.0 if out else float(1 + number % 3)
            at = {"start": start + number * hour, "end": start + (number + 1) * hour, "at": start + (number + 1) * hour}
            points.append(place | at | figures | {"total": bad, "value": bad / 10, "out": out})
    keep_windows(points)
    first = next(point for point in points if point["out"])
    finding = {name: first[name] for name in ("standard", "subject", "unit", "at")}
    finding |= {"what": "out_of_control", "opened_at": first["start"], "due": first["end"]}
    finding |= {"evidence": json.dumps(figures | {"total": 8.0, "value": 0.8}), "customer": None}
    (opened,) = record_rates([finding], version=version_in_force(deployment().blueprint_name))
    return Incident.objects.get(pk=opened)


def test_the_standards_page_shows_who_is_out_of_control_first(world: World, as_: Callable[..., Client]) -> None:
    incident = burst()
    page = as_("manager").get(PATH).content.decode()
    assert page.index(">Test Air, Newark · out of control") < page.index('<option value="XX-JFK">')
    assert "Out of control now." in page
    assert "one window in 741" in page
    assert "80%" in page
    assert f"/incidents/{incident.pk}/" in page
    assert "In each window of 1 h, the share of the signal" in page
    assert (
        "Of the 48 windows of the last seven days that are over, of all units together, 95.8% were in control" in page
    )
    listed = as_("manager").get("/monitor/standards/").content.decode()
    assert '<b>95.8%</b> <span class="quiet small">of windows</span>' in listed

    other = as_("manager").get(PATH, {"at": "XX-JFK"}).content.decode()
    assert "In control." in other
    assert "80%" not in other


def test_a_window_that_is_not_over_gives_the_limits_no_figures(world: World, as_: Callable[..., Client]) -> None:
    from django.db.models import F

    from amends.monitor.models import RateWindow

    burst()
    latest = RateWindow.objects.filter(subject="XX-EWR").latest("start")
    latest.at, latest.upper = latest.start + timedelta(minutes=5), 0.97
    latest.save()
    page = as_("manager").get(PATH).content.decode()
    assert page.count(">upper limit 66%<") == 2
    assert ">upper limit 97%<" not in page

    RateWindow.objects.update(at=F("start"))
    assert as_("manager").get(PATH).content.decode().count(">upper limit<") == 2


def test_a_rate_without_windows_says_so(world: World, as_: Callable[..., Client]) -> None:
    assert "尚无已判定的时段" in as_("manager", language="zh-hans").get(PATH).content.decode()


def test_the_incident_says_what_got_out_of_control(world: World, as_: Callable[..., Client]) -> None:
    incident = burst()
    page = as_("manager").get(f"/incidents/{incident.pk}/").content.decode()
    assert "usual is 25%, the limit 66%." in page
    assert "It still is." in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", [("en", "light", "desktop"), ("zh-hans", "dark", "phone")], ids="-".join)
def test_chart_and_incident_are_sound_in_every_look(
    look: tuple[str, str, str], visit: Callable[..., Visitor], airline: World
) -> None:
    incident = burst()
    language, theme, size = look
    visitor = visit("manager", language=language, theme=theme, size=size, contrast=True)
    for name, path in (("rate-chart", PATH), ("rate-incident", f"/incidents/{incident.pk}/")):
        visitor.open(path)
        visitor.photograph(name)
