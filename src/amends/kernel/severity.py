"""How badly a failure hurts: three grades in order, so that rows can be compared by number and people read a word."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Severity = Literal["light", "moderate", "severe"]

SEVERITIES: Final[Mapping[Severity, int]] = MappingProxyType({"light": 1, "moderate": 2, "severe": 3})
SEVERITY_NAMES: Final[Mapping[int, Severity]] = MappingProxyType({rank: name for name, rank in SEVERITIES.items()})
