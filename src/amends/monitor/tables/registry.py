"""The kinds of standard that the engine judges by, besides promises and rates, which are judged in several stages."""

from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Declared, Promise, Standards
from amends.monitor.tables import lapses, limits, prohibitions, promises, rates, repeats, sequences, silence, voices
from amends.monitor.tables.detector import Detector

DETECTORS: dict[str, Detector] = {
    "prohibitions": prohibitions,
    "limits": limits,
    "sequences": sequences,
    "silence": silence,
    "lapses": lapses,
    "voices": voices,
    "repeats": repeats,
}
"""The name of the log -> its detector. A new kind of standard: its declaration, its module, a line here."""


def detectors_for(standards: Standards) -> dict[str, Detector]:
    """Those that have something to do."""
    return {name: detector for name, detector in DETECTORS.items() if standards.of_kind(detector.KIND)}


def whats_of(standard: Declared) -> tuple[str, ...]:
    """What can be found by this standard."""
    if isinstance(standard, Promise):
        return promises.KINDS
    if isinstance(standard, Rate):
        return rates.WHATS
    return next(detector.WHATS for detector in DETECTORS.values() if isinstance(standard, detector.KIND))
