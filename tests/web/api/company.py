"""The company whose API is asked."""

from datetime import UTC, datetime

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.people.models import Unit
from amends.people.services import plant_units
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from tests.kept import Kept

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _made() -> dict[str, Unit]:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    publish_blueprint(load_shipped("airline"), name="airline", now=NOW, acting_user="test")
    plant_units(
        [("HQ", None, "Company", "公司"), ("EWR", "HQ", "Newark", "纽瓦克"), ("JFK", "HQ", "Kennedy", "肯尼迪")]
    )
    return {unit.code: unit for unit in Unit.objects.all()}


company = Kept(_made)
