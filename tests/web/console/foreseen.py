"""A model in force in the console's world, chances of open promises, and early interventions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from amends.monitor.foreseen import plan_for
from amends.monitor.models import Foreseen, Intervention, Training
from amends.monitor.services.training import TOO_LITTLE
from amends.people.models import Unit
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from tests.web.console.world import NOW

WHY = [
    {
        "en": "Raises it: what was last promised of the same aircraft came 48 minutes late.",
        "zh": "升高原因：同一飞机上一次承诺晚 48 分钟。",
    },
    {
        "en": "Raises it: 40% of the promises of this unit were broken over the last two hours.",
        "zh": "升高原因：最近两小时该单位的承诺有 40% 未兑现。",
    },
]
STEPS = [
    (0.055, 0.064, 104_572),
    (0.142, 0.155, 62_084),
    (0.244, 0.261, 25_179),
    (0.346, 0.354, 14_575),
    (0.447, 0.454, 9_201),
    (0.548, 0.558, 6_778),
    (0.649, 0.652, 5_703),
    (0.751, 0.754, 5_895),
    (0.849, 0.844, 6_176),
    (0.973, 0.979, 12_206),
]


def _way(auc: float, brier: float, error: float) -> dict[str, Any]:
    steps = [
        {
            "told": told,
            "broken": broken,
            "low": broken - 0.02,
            "high": broken + 0.02,
            "number": number,
            "promises": number // 4,
        }
        for told, broken, number in STEPS
    ]
    warned = {
        "threshold": 0.65,
        "precision": 0.774,
        "recall": 0.865,
        "lead": 90.0,
        "quarter": 5.0,
        "early": 1,
        "broken": 2,
    }
    return {
        "auc": auc,
        "brier": brier,
        "error": error,
        "told": 0.233,
        "broken": 0.243,
        "reliability": steps,
        "warned": warned,
    }


def a_model(*, drifted: bool = False, **changes: Any) -> Training:
    drift = {"verdict": "off" if drifted else "steady", "promises": 5_210, "shift": 0.06, "told": 0.21}
    drift |= {
        "broken": 0.41 if drifted else 0.22,
        "low": 0.18,
        "high": 0.27,
        **({"low": 0.37, "high": 0.45} if drifted else {}),
    }
    spots = [
        {"unit": unit, "standard": standard, "hour": hour, "promises": 412, "broken": 0.52, "low": 0.43, "usual": 0.22}
        for unit, standard, hour in (("XX-EWR", "depart-on-time", 20), ("XX-JFK", "arrive-on-time", 21))
    ]
    given: dict[str, Any] = {
        "state": "finished",
        "in_force": True,
        "asked_at": NOW - timedelta(hours=9),
        "ended_at": NOW - timedelta(hours=9),
        "percent": 100,
        "since": NOW - timedelta(days=365),
        "until": NOW - timedelta(hours=9),
        "blueprint": version_in_force(deployment().blueprint_name),
        "promises": 167_915,
        "judged": 29_946,
        "metrics": {
            "boosting": _way(0.842, 0.1181, 0.01),
            "logistic": _way(0.819, 0.1255, 0.02),
            "base_rate": _way(0.529, 0.1859, 0.049),
        },
        "spots": spots,
        "drift": drift,
        "checked_at": NOW - timedelta(hours=9),
        "drifted_at": NOW - timedelta(hours=9) if drifted else None,
    }
    return Training.objects.create(**(given | changes))


def a_failed_training() -> Training:
    return a_model(
        state="failed",
        in_force=False,
        metrics=None,
        promises=0,
        spots=[],
        drift=None,
        said_en=TOO_LITTLE.en,
        said_zh=TOO_LITTLE.zh,
    )


def interventions(model: Training, *, of: tuple[str, ...] = ("XX-EWR", "XX-JFK")) -> list[Intervention]:
    """One for each of these units, that in the first with most at stake."""
    found = []
    for number, code in enumerate(of):
        unit = Unit.objects.get(code=code)
        subject = f"XX{number + 1}7/2026-03-02/{code[-3:]}-SFO"
        found.append(
            Intervention.objects.create(
                promise_key=f"{number}",
                state="open",
                standard="depart-on-time",
                kind="slow",
                subject=subject,
                unit=unit,
                due=NOW + timedelta(minutes=50 + number),
                chance=0.83 - number / 10,
                customers=148,
                why=WHY,
                cost=Decimal(18_420 - 2_000 * number),
                playbook=plan_for(blueprint_of(model.blueprint_id), "slow", {}).id,
                blueprint=model.blueprint,
                training=model,
                raised_at=NOW,
            )
        )
    return found


def foreseen(promises: list[dict[str, Any]], model: Training, *, grounds: str = "model") -> None:
    """A chance for each of these promises of the board."""
    Foreseen.objects.bulk_create(
        Foreseen(
            promise_key=f"{number}",
            standard=one["standard"],
            subject=one["subject"],
            opened_at=one["opened_at"],
            due=one["due"],
            chance=0.83 - number / 10,
            grounds=grounds,
            why=WHY,
            customers=2,
            cost=100,
            training=model,
            told_at=NOW,
        )
        for number, one in enumerate(promises)
    )
