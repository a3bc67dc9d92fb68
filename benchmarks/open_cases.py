"""How fast cases open: 100,000 with plans, actions, clocks and the audit trail, beside a plain loop over the ORM in
the same run.

    python -m benchmarks open_cases [--cases 100000] [--quick] [--json]

Runs on a database of its own that is thrown away. Prints cases a second, what one process needed of memory, how many
times
faster than the loop it is, what the audit trail costs, and how many automatic actions a second are carried out.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

SEATS = 150
LOOPED = 300  # customers whom the plain loop opens cases for
SMALL = 20_000  # cases, for what the trail costs and for carrying out
TABLES = ("case", "casefailure", "plan", "action", "clock", "approval")


def main(argv: list[str] | None = None) -> None:
    """Set up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a few thousand cases, to see that it runs")
    given = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="amends-bench-"))
    os.environ["AMENDS_HOME"] = str(home)
    from amends.site.postgres import Lease

    lease = Lease(home)  # durable, as in earnest
    os.environ["DATABASE_URL"] = lease.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
    try:
        import django

        django.setup()
        figures = measure(3_000 if given.quick else given.cases, small=3_000 if given.quick else SMALL)
    finally:
        from django.db import connection

        connection.close()
        lease.release()
        shutil.rmtree(home, ignore_errors=True)
    if given.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:32} {figure:>12,}")


def measure(cases: int, *, small: int) -> dict[str, Any]:
    """All figures."""
    from django.core.management import call_command
    from django.db import connection

    from amends.policy.models import Deployment
    from amends.recover.models import Action, Case
    from amends.recover.services import carry_out, open_cases
    from tests import stories

    call_command("migrate", verbosity=0, skip_checks=True)
    company = stories.company(pack=stories.load_shipped("airline"), kind=Deployment.Kind.COMPANY)

    def flights(prefix: str, customers: int) -> list[int]:
        incidents = stories.broken_flights(
            company, prefix=prefix, flights=-(-customers // SEATS), seats=SEATS, minutes_late=150, severity=2
        )
        with connection.cursor() as cursor:
            cursor.execute("analyze")
        return incidents

    loop_seconds = clocked(lambda: plain_loop(company, flights("L", LOOPED), stories.NOW))
    looped = LOOPED / loop_seconds
    incidents = flights("F", cases)
    before = Case.objects.count()
    seconds = clocked(lambda: open_cases(incidents, now=stories.NOW))
    opened = Case.objects.count() - before
    trailed = flights("S", small)
    with_trail = clocked(lambda: open_cases(trailed, now=stories.NOW))
    bare = flights("B", small)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table recover_{table} disable trigger user")
    without_trail = clocked(lambda: open_cases(bare, now=stories.NOW))
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table recover_{table} enable trigger user")
    ids = list(Action.objects.filter(case__incident_id__in=trailed).order_by("pk").values_list("pk", flat=True))

    def all_out() -> None:
        for start in range(0, len(ids), 2_000):
            carry_out(
                ids[start],
                ids[min(start + 2_000, len(ids)) - 1],
                now=stories.NOW + timedelta(hours=1),
                as_of_ready=True,
            )

    carried = clocked(all_out)
    done = Action.objects.filter(pk__in=ids, state="done").count()
    return {
        "cases": opened,
        "actions_each": round(len(ids) / small, 1),
        "seconds": round(seconds, 1),
        "cases_per_second": round(opened / seconds),
        "plain_loop_cases_per_second": round(looped),
        "times_faster_than_plain_loop": round(opened / seconds / looped, 1),
        "trail_costs_times": round(with_trail / without_trail, 2),
        "actions_carried_out_per_second": round(done / carried),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def clocked(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def plain_loop(company: Any, incidents: list[int], now: Any) -> None:
    """The same rows by the ORM, one customer after another, as one would write it first."""
    from django.db import transaction

    from amends.kernel.severity import SEVERITY_NAMES
    from amends.monitor.models import Affected
    from amends.policy.services import keep_explanations
    from amends.recover.core.clocks import deadlines, due_time
    from amends.recover.core.plan import plan_for, what_happened
    from amends.recover.models import Action, Case, CaseFailure, Clock, Plan

    pack, version = company.pack, company.version
    hits = Affected.objects.filter(failure__incident_id__in=incidents).select_related("failure", "customer")
    for hit in hits:
        with transaction.atomic():
            failure = hit.failure
            facts = {
                **failure.facts,
                **hit.facts,
                "kind": failure.kind,
                "loss": "outcome",
                "severity": SEVERITY_NAMES[hit.severity],
                "responsible": failure.responsible,
                "controllable": failure.controllable,
                "stable": failure.stable,
                "tier": hit.customer.tier or None,
                "vulnerable": hit.customer.vulnerable,
                "prior_failures": 0,
            }
            decision = plan_for(facts, pack, on=failure.stage_at.date())
            told = what_happened(failure.subject, facts, pack)
            reasons = [decision.why, told, *(step.why for step in decision.steps)]
            kept = keep_explanations(reasons, version_id=version.pk)
            case = Case.objects.create(
                customer=hit.customer,
                incident_id=failure.incident_id,
                unit_id=failure.unit_id,
                subject=failure.subject,
                kind=failure.kind,
                severity=hit.severity,
                responsible=failure.responsible,
                controllable=failure.controllable,
                facts=failure.facts,
                what_happened_id=kept[told.digest(version.pk)],
                cause_id=failure.attribution_why_id,
                state="planned",
                opened_at=failure.stage_at,
                blueprint=version,
            )
            CaseFailure.objects.create(case=case, failure=failure)
            plan = Plan.objects.create(
                case=case,
                playbook=decision.playbook,
                strategy=decision.strategy,
                why_id=kept[decision.why.digest(version.pk)],
                created_at=now,
                blueprint=version,
            )
            for step in decision.steps:
                Action.objects.create(
                    plan=plan,
                    case=case,
                    step=step.id,
                    kind=step.kind,
                    phase=step.phase,
                    performer=step.performer,
                    channel=step.channel,
                    template=step.template,
                    remedy=step.owed.remedy if step.owed else "",
                    amount=step.owed.amount(facts) if step.owed else None,
                    currency=step.owed.currency if step.owed else "",
                    justice=list(step.justice),
                    why_id=kept[step.why.digest(version.pk)],
                    state="ready",
                    ready_at=case.opened_at,
                    due_at=due_time(step.due, case.opened_at, pack.calendars),
                )
            for deadline in deadlines(decision.clocks, case.opened_at, pack.calendars):
                Clock.objects.create(
                    case=case,
                    kind=deadline.kind,
                    state="running",
                    started_at=case.opened_at,
                    due_at=deadline.due_at,
                    owner=deadline.owner,
                    escalate_to=deadline.escalate_to,
                )


if __name__ == "__main__":
    main()
