"""Many flights of one station are cancelled at once: whoever watches the board sees the incident within two seconds.

The service is `amends serve` with processes of its own, the signals come over HTTP, and the board is in a browser.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 2.0  # seconds from accepted to seen
BURSTS = 8  # at most, each at a station of its own: what else a machine does may slow some of them


def test_a_burst_of_failures_opens_an_incident_on_the_live_board(chromium: Any, airline: World, tmp_path: Path) -> None:
    from django.utils import timezone

    from amends.monitor.models import Incident
    from amends.people.services import sign_in_link
    from amends.policy.present import present
    from tests.acceptance import burst
    from tests.web.console.browsing import Visitor

    burst.punctual_pack()
    token = burst.token_of(airline.staff["manager"])
    stations = burst.plant_stations(BURSTS)
    with burst.served(tmp_path) as address:
        manager = Visitor(chromium, address, language="en", theme="light", size="desktop")
        # by the front door: a session made in here would count on the secrets of this process
        secret = sign_in_link(airline.staff["manager"], now=timezone.now(), valid_for=timedelta(minutes=10))
        manager.open(f"/accounts/link/{secret}/").locator("main button[type=submit], main button").first.click()
        manager.page.wait_for_url(f"{address}/")
        page = manager.open("/monitor/board/")

        # what opens a promise puts it on the board, without anybody reloading it
        departs = present() + timedelta(minutes=20)
        due = {"depart_due": departs.isoformat(), "arrive_due": (departs + timedelta(hours=2)).isoformat()}
        opened = {
            "specversion": "1.0", "source": "station", "type": "flight.scheduled", "id": "s1", "subject": "ZZ1/LGA",
            "time": present().isoformat(), "unit": "XX-LGA", "data": due,
        }  # fmt: skip
        burst.send(address, token, [opened])
        row = page.locator("#live tr", has_text="ZZ1/LGA").filter(has_text="Departs on time")
        expect(row).to_contain_text("open", timeout=60_000)
        expect(row).to_contain_text("34:", timeout=10_000)  # a quarter of an hour of grace, and it runs on
        assert page.locator("#live .board-warning").count() == 0

        took = []
        for unit, name in stations:
            took.append(burst.seen_after(page, address, token, unit, name))
            if took[-1] <= SOON:
                break
        assert min(took) <= SOON, f"seconds from accepted to seen: {took}"

        # it is an incident like any other: opened, with those whom it hit, and their cases come by themselves
        unit, name = stations[len(took) - 1]
        incident = page.locator(f'#live li[data-name*="{name}"]').first
        expect(incident).to_contain_text(f"{burst.FLIGHTS} failures")
        expect(incident).to_contain_text(f"{2 * burst.FLIGHTS} customers")
        expect(page.locator("#board-said")).to_contain_text(name)
        expect(incident).to_contain_text("Being put right", timeout=60_000)
        found = Incident.objects.filter(unit__code=unit).order_by("-pk")[0]
        assert found.failures == burst.FLIGHTS
        manager.look_over("the board after a burst")
        manager.photograph("board-burst")
        manager.leave()
