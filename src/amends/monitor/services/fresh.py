"""Failures of a batch that have no incident yet, with all that correlation looks at: one query."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from amends.kernel.blueprint import Blueprint
from amends.kernel.text import Localised
from amends.monitor.core.topology import Topology


class Fresh(NamedTuple):
    """One failure without an incident."""

    id: int
    subject: str
    kind: str
    step: str  # of the process
    severity: int
    stage: str
    responsible: str
    unit: str | None  # code
    unit_name: Localised | None
    units: tuple[str, ...]  # codes of the unit and all above it
    at: datetime  # when it broke
    promised_for: datetime  # when it was due; of what has no due time, when it broke
    facts: dict[str, Any]
    closure: int | None
    resources: frozenset[str]


def fresh_failures(cursor: Any, failures: list[int], pack: Blueprint) -> list[Fresh]:
    """Those of these broken failures that no incident has yet, in order."""
    wanted = sorted({kind.fact for kind in pack.incidents.resources.values() if kind.fact is not None})
    facts = ", ".join(f"'{name}', failure.facts -> '{name}'" for name in wanted)  # names of a checked pack
    cursor.execute(
        f"""
        select failure.id, failure.subject, failure.kind, failure.step, failure.severity, failure.stage,
            failure.responsible, unit.code, unit.name_en, unit.name_zh, unit.path,
            coalesce(broke.at, failure.stage_at), failure.due,
            jsonb_build_object({facts})::text, failure.closure_id
        from monitor_failure as failure
        left join people_unit as unit on unit.id = failure.unit_id
        left join lateral (
            select min(at) as at from monitor_finding as finding
            where finding.failure_id = failure.id and finding.what <> 'at_risk'
        ) as broke on true
        where failure.id = any(%s) and failure.incident_id is null
        order by failure.id
        """,
        [failures],
    )
    topology = Topology(pack.incidents)
    return [_fresh(row, topology) for row in cursor.fetchall()]


def _fresh(row: tuple[Any, ...], topology: Topology) -> Fresh:
    id_, subject, kind, step, severity, stage, responsible, code, name_en, name_zh, path, at, due, facts, closure = row
    known = json.loads(facts)
    units = tuple(part for part in (path or "").split("/") if part)
    return Fresh(
        id=id_,
        subject=subject,
        kind=kind,
        step=step,
        severity=severity,
        stage=stage,
        responsible=responsible,
        unit=code,
        unit_name=Localised(en=name_en, zh=name_zh) if code else None,
        units=units,
        at=at,
        promised_for=due or at,
        facts=known,
        closure=closure,
        resources=frozenset() if topology.empty else topology.resources_of(facts=known, units=units),
    )
