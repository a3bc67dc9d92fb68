"""The airline that is watched: two stations, and the blueprint it is watched by."""

from amends.kernel.blueprint import load_shipped
from amends.people.services import plant_units
from amends.policy.models import BlueprintVersion
from amends.policy.services import publish_blueprint
from tests.kept import Kept
from tests.monitor.told import NOON


def _made() -> BlueprintVersion:
    plant_units([("XX", None, "Airline", "航空"), ("XX-AAA", "XX", "Alpha", "甲站"), ("XX-BBB", "XX", "Beta", "乙站")])
    return publish_blueprint(load_shipped("airline"), name="airline", now=NOON, acting_user="test")


published = Kept(_made)
