"""Industry packs: their models, loading that names all mistakes, digest, differences. Knows no industry."""

from amends.kernel.blueprint.changes import Change, diff
from amends.kernel.blueprint.loading import load, load_shipped, shipped
from amends.kernel.blueprint.model import Blueprint, NoTariffInForce
from amends.kernel.blueprint.parts import (
    MEETS,
    MESSAGE_VARIABLES,
    ActionKind,
    AuthorityLevel,
    ClockRule,
    Justice,
    MessageTemplate,
    Performer,
    PlannedAction,
    Playbook,
    Role,
    Tariff,
    TariffRow,
)
from amends.kernel.blueprint.problems import BlueprintErrors, Problem
from amends.kernel.blueprint.settling import Remedy
from amends.kernel.blueprint.standard_parts import Standard

__all__ = [
    "MEETS",
    "MESSAGE_VARIABLES",
    "ActionKind",
    "AuthorityLevel",
    "Blueprint",
    "BlueprintErrors",
    "Change",
    "ClockRule",
    "Justice",
    "MessageTemplate",
    "NoTariffInForce",
    "Performer",
    "PlannedAction",
    "Playbook",
    "Problem",
    "Remedy",
    "Role",
    "Standard",
    "Tariff",
    "TariffRow",
    "diff",
    "load",
    "load_shipped",
    "shipped",
]
