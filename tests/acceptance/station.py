"""An airline of two stations, and flights that it cancels."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amends.policy.models import BlueprintVersion


def staffed_airline(now: datetime) -> BlueprintVersion:
    """With the shipped pack in force."""
    from amends.kernel.blueprint import load_shipped
    from amends.kernel.text import Localised
    from amends.people.services import plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment

    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    plant_units([("XX", None, "Airline", "航空"), ("XX-AAA", "XX", "Alpha", "甲站"), ("XX-BBB", "XX", "Beta", "乙站")])
    return publish_blueprint(load_shipped("airline"), name="airline", now=now, acting_user="test")


def cancelled(number: int, unit: str, at: datetime) -> bool:
    """The station tells that a flight will not leave; whether that was news."""
    from amends.monitor.core.signal import SignalIn
    from amends.monitor.services import accept_signals

    signal = SignalIn(
        id=f"{unit}-{number}",
        source="ops",
        type="flight.cancelled",
        subject=f"XX{number}/{at:%Y-%m-%d}",
        time=at,
        customer=None,
        unit=unit,
        data={"cancelled": True},
    )
    return accept_signals([signal], now=at).accepted == 1
