"""The kinds of standard that the engine judges by, besides promises, which have a log of their own making."""

from amends.monitor.core.standard import Declared, Promise, Standards
from amends.monitor.tables import prohibitions, promises
from amends.monitor.tables.detector import Detector

DETECTORS: dict[str, Detector] = {
    "prohibitions": prohibitions,
}
"""The name of the log -> its detector. A new kind of standard: its declaration, its module, a line here."""


def detectors_for(standards: Standards) -> dict[str, Detector]:
    """Those that have something to do."""
    return {name: detector for name, detector in DETECTORS.items() if standards.of_kind(detector.KIND)}


def whats_of(standard: Declared) -> tuple[str, ...]:
    """What can be found by this standard."""
    if isinstance(standard, Promise):
        return promises.KINDS
    return next(detector.WHATS for detector in DETECTORS.values() if isinstance(standard, detector.KIND))
