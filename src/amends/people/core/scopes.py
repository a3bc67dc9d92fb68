"""What a machine's token may be allowed: one scope a resource and direction, each resting on a right of its account.

A scope opens the door; which rows are behind it is decided by the role and the unit of the staff account.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from amends.people.core.rights import may

SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "write:signals": "feed",
        "write:roster": "feed",
        "write:customers": "feed",
        "read:customers": "see_customers",
        "read:failures": "see_incidents",
        "read:incidents": "see_incidents",
        "write:incidents": "work_incidents",
        "write:standards": "resume_standards",
        "read:cases": "see_cases",
        "write:cases": "work_cases",
        "read:actions": "see_cases",
        "write:actions": "work_cases",
        "read:approvals": "see_cases",
        "write:approvals": "approve",
        "write:outcomes": "work_cases",
        "read:recharges": "recharge",
        "write:recharges": "recharge",
        "read:budgets": "see_budgets",
        "write:budgets": "set_budgets",
        "read:money": "see_money",
        "write:money": "work_money",
        "write:vouchers": "work_cases",
        "read:absences": "plan_absences",
        "write:absences": "plan_absences",
        "read:metrics": "see_system",
    }
)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Those that there are not."""
    return [scope for scope in scopes if scope not in SCOPES]


def beyond_role(scopes: Iterable[str], role: str) -> list[str]:
    """Those that rest on a right which the role has not."""
    return [scope for scope in scopes if not may(role, SCOPES[scope])]
