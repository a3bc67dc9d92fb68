"""Rows of the monitor, a file a word."""

from amends.monitor.models.board import Board, BoardCount, BoardPromise, KeptCount, SelfReport
from amends.monitor.models.failures import SEVERITY_CHOICES, Affected, Failure, Finding, Incident
from amends.monitor.models.history import Backtest, HistoryFile, HistoryProgress
from amends.monitor.models.incidents import (
    Candidate,
    CandidateMember,
    Closure,
    HangsOn,
    HeldFinding,
    IncidentAct,
    Said,
    StandardGuard,
)
from amends.monitor.models.intake import IntakeFile, ParkedMessage, RejectedRow, SourceClock, StreamPosition, UploadPart
from amends.monitor.models.prediction import Foreseen, Intervention, Training
from amends.monitor.models.rates import Excursion, RateWindow
from amends.monitor.models.signals import INTAKE_LOCK, MonitorProgress, RosterEntry, SetAside, Signal

__all__ = [
    "INTAKE_LOCK",
    "SEVERITY_CHOICES",
    "Affected",
    "Backtest",
    "Board",
    "BoardCount",
    "BoardPromise",
    "Candidate",
    "CandidateMember",
    "Closure",
    "Excursion",
    "Failure",
    "Finding",
    "Foreseen",
    "HangsOn",
    "HeldFinding",
    "HistoryFile",
    "HistoryProgress",
    "Incident",
    "IncidentAct",
    "IntakeFile",
    "Intervention",
    "KeptCount",
    "MonitorProgress",
    "ParkedMessage",
    "RateWindow",
    "RejectedRow",
    "RosterEntry",
    "Said",
    "SelfReport",
    "SetAside",
    "Signal",
    "SourceClock",
    "StandardGuard",
    "StreamPosition",
    "Training",
    "UploadPart",
]
