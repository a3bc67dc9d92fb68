"""Facts of a failure that turn out otherwise for one customer: a recording that is found, a choice that they made."""

from collections.abc import Mapping
from typing import Any

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import Attribution, attribution_of, severity_of
from amends.monitor.models import Affected, Failure
from amends.policy.services import keep_explanations


def correct_affected(hurt: Affected, facts: Mapping[str, Any], *, pack: Blueprint, version_id: int) -> Attribution:
    """Judge anew how a failure hit one customer, with these facts over what was known. A failure that hit nobody else
    is itself corrected; what others were hit by stays as it was found. What is put right here no later signal and no
    roster overwrites. Must be called within a transaction.

    Args:
        hurt: how it hit them, with its failure and customer.
        facts: name -> value; None: it is not known after all.
        pack: whose rules judge.
        version_id: of the pack.

    Returns:
        whose fault it was by these facts.
    """
    failure = Failure.every.select_for_update(no_key=True).get(pk=hurt.failure_id)  # the monitor writes it too
    hurt.refresh_from_db(fields=["facts", "corrected"])
    customer = hurt.customer
    kind = pack.taxonomy.kinds[failure.kind]
    hurt.facts, hurt.corrected = {**hurt.facts, **facts}, {**hurt.corrected, **facts}
    personal = {"vulnerable": customer.vulnerable, **({"tier": customer.tier} if customer.tier else {})}
    complete = pack.completed({**failure.facts, **personal, **hurt.facts})
    severity, why = severity_of(kind, complete)
    attribution = attribution_of(kind, complete)
    explained = keep_explanations([why, attribution.why], version_id=version_id)
    hurt.severity, hurt.severity_why_id = SEVERITIES[severity], explained[why.digest(version_id)]
    hurt.save(update_fields=["facts", "corrected", "severity", "severity_why"])
    if failure.customers == 1:
        failure.facts, failure.corrected = {**failure.facts, **facts}, {**failure.corrected, **facts}
        failure.severity, failure.severity_why_id = hurt.severity, hurt.severity_why_id
        failure.responsible, failure.controllable = attribution.responsible, attribution.controllable
        failure.stable = attribution.stable
        failure.attribution_why_id = explained[attribution.why.digest(version_id)]
        failure.save(
            update_fields=[
                "facts", "corrected", "severity", "severity_why", "responsible", "controllable", "stable",
                "attribution_why",
            ]
        )  # fmt: skip
    return attribution
