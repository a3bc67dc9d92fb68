"""Who may see and do what: one table of rights by role; the objects a right reaches are those below the person's unit.

Whoever has no unit has the whole company, except that rights never come from anything but this table. `feed` is the
right to bring in what operations know: signals, roster entries, customers. Whoever works here may `report` a failure
that they see; who did is read with `see_reporters`, which those who judge people's work have not.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ROLES: Final = ("front_line", "supervisor", "manager", "quality_owner", "executive", "administrator")

RIGHTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "front_line": frozenset({"see_cases", "work_cases", "see_customers", "see_incidents", "report"}),
        "supervisor": frozenset(
            {
                "see_cases",
                "work_cases",
                "work_teams",
                "approve",
                "see_money",
                "see_customers",
                "see_incidents",
                "report",
                "work_incidents",
                "see_learning",
                "see_budgets",
                "plan_absences",
            }
        ),
        "manager": frozenset(
            {
                "see_cases",
                "work_cases",
                "work_teams",
                "approve",
                "see_money",
                "work_money",
                "see_customers",
                "see_incidents",
                "report",
                "work_incidents",
                "see_learning",
                "work_learning",
                "see_people",
                "feed",
                "recharge",
                "see_budgets",
                "set_budgets",
                "plan_absences",
            }
        ),
        # customers may be told to turn to either (the ladder), so both can answer them
        "quality_owner": frozenset(
            {
                "see_cases",
                "work_cases",
                "see_customers",
                "see_incidents",
                "report",
                "see_learning",
                "work_learning",
                "see_blueprints",
                "work_standards",
                "resume_standards",
                "feed",
                "see_reporters",
            }
        ),
        "executive": frozenset(
            {
                "see_cases",
                "work_cases",
                "approve",
                "see_money",
                "work_money",
                "see_customers",
                "see_incidents",
                "report",
                "see_learning",
                "see_blueprints",
                "recharge",
                "see_budgets",
                "set_budgets",
                "plan_absences",
            }
        ),
        # least rights: who administers accounts does not read customers' cases
        "administrator": frozenset(
            {
                *("see_people", "work_people", "see_blueprints", "work_blueprints", "work_standards"),
                *("resume_standards", "see_system", "feed", "report"),
            }
        ),
    }
)


def may(role: str, right: str) -> bool:
    """Whether a role has a right; an unknown role has none."""
    return right in RIGHTS.get(role, frozenset())
