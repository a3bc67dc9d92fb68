"""Who works at the demo's airline: units from the data, and one member of staff a role, each with a one-time link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amends.monitor.sources import flights
from amends.people.models import Staff, Unit
from amends.people.services import create_staff, plant_units, sign_in_link

COMPANY_UNIT: Final = "NYC"
LINKS_LAST: Final = timedelta(hours=12)

CAST: Final = (
    # role, name, e-mail, unit (None: the whole company), locale
    ("front_line", "Mei Lin", "mei@demo.example", "UA", "en"),
    ("supervisor", "Sam Carter", "sam@demo.example", None, "en"),
    ("manager", "王芳", "fang@demo.example", None, "zh-hans"),
    ("quality_owner", "Ingrid Olsen", "ingrid@demo.example", None, "en"),
    ("executive", "赵敏", "min@demo.example", None, "zh-hans"),
    ("administrator", "Alex Reyes", "alex@demo.example", None, "en"),
)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """One person of the demo and the address that signs them in, once."""

    role: str
    name: str
    path: str


def plant() -> None:
    """The airline's units: carriers, their stations and routes below one company."""
    rows = [(COMPANY_UNIT, None, "New York flights", "纽约航班")]
    rows += [(code, parent or COMPANY_UNIT, en, zh) for code, parent, en, zh in flights.units()]
    plant_units(rows)


def sign_ins(*, now: datetime) -> list[SignIn]:
    """Make the staff if they are not there, and a fresh link for each. `now` is the machine's: links are for today."""
    units = {unit.code: unit for unit in Unit.objects.filter(code__in={unit for *_, unit, _ in CAST if unit})}
    known = {staff.email: staff for staff in Staff.objects.filter(email__in=[email for _, _, email, *_ in CAST])}
    made = []
    for role, name, email, unit, locale in CAST:
        staff = known.get(email) or create_staff(
            email=email, name=name, role=role, unit=units.get(unit or ""), locale=locale, now=now, acting_user=None
        )
        made.append(
            SignIn(role=role, name=name, path=f"/accounts/link/{sign_in_link(staff, now=now, valid_for=LINKS_LAST)}/")
        )
    return made
