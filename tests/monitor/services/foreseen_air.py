"""Forty days of an airline whose evening flights and late aircraft break their promises, and flights still to come."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from amends.kernel.text import Localised
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Training
from amends.monitor.services import accept_signals
from amends.monitor.services.recording import land_all
from amends.monitor.services.training import ask_training, carry_out_training
from amends.people.models import Staff
from amends.people.services import create_staff
from amends.policy.models import Deployment
from amends.policy.services import set_up_deployment
from tests.monitor.told import NOON

DAYS = 40
PER_DAY = 20
MIDNIGHT = NOON.replace(hour=0)
NOW = MIDNIGHT + timedelta(days=DAYS, hours=16)  # promises of the evening are open


def signals(*, days=DAYS, first=0, seed=0, evening=0.75, morning=0.08, until=NOW):
    """Flights from six to eleven in the evening; what happens after `until` is not told."""
    random = np.random.default_rng(seed)
    found = []
    for day in range(first, first + days + 1):
        for number in range(PER_DAY):
            due = MIDNIGHT + timedelta(days=day, hours=6 + 16.5 * number / PER_DAY)
            late = random.random() < (evening if due.hour >= 17 else morning)
            left = due + timedelta(minutes=int(random.integers(20, 90) if late else random.integers(-3, 12)))
            name = f"X{number}/{day}"
            data = {
                "depart_due": due.isoformat(),
                "arrive_due": (due + timedelta(hours=2)).isoformat(),
                "tail": f"N{number % 7}",
                "origin": "AAA",
                "dest": "BBB",
            }
            told = [("scheduled", due - timedelta(hours=24), data), ("departed", left, {})]
            told.append(("arrived", left + timedelta(hours=2), {}))
            found += [
                SignalIn(
                    id=f"{name}#{what}",
                    source="ops",
                    type=f"flight.{what}",
                    subject=name,
                    time=at,
                    data=more,
                    unit="XX-AAA" if number % 2 else "XX-BBB",
                )
                for what, at, more in told
                if at < until
            ]
    return sorted(found, key=lambda one: one.time)


def heard(root: Path, *, now: datetime = NOW, **how) -> None:
    told = signals(until=now, **how)
    for at in range(0, len(told), 5_000):
        accept_signals(told[at : at + 5_000], now=now)
    land_all(root=root, now=now)


def owner(now: datetime = NOW) -> Staff:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    return create_staff(email="q@x.test", name="Quinn", role="quality_owner", unit=None, now=now, acting_user=None)


def learn(root: Path, *, by: Staff | None = None, now: datetime = NOW) -> Training:
    run = ask_training(acting_user=by, now=now)
    carry_out_training(run.pk, root=root, now=now)
    run.refresh_from_db()
    return run
