"""The systematic response: one plan for all whom an incident hit too lightly for a case of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from amends.kernel.blueprint import Blueprint
from amends.policy.models import BlueprintVersion


def respond(
    cursor: Any, incident_ids: Sequence[int], pack: Blueprint, version: BlueprintVersion, *, now: datetime
) -> int:
    return 0
