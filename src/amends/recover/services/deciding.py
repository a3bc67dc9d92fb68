"""Decisions on their way into the database: one row a class and one a step of its plan, with the words of each
reason."""

from collections.abc import Iterable, Mapping
from typing import Any

from amends.kernel.reason import Reason
from amends.policy.models import BlueprintVersion
from amends.policy.scratch import know
from amends.policy.services import keep_explanations
from amends.recover.core.plan import Decision


def keep_decisions(cursor: Any, decided: Mapping[int, Decision], version: BlueprintVersion) -> None:
    """Make the tables `decided` and `decided_step` of these classes."""
    explained = _explained(
        (reason for decision in decided.values() for reason in (decision.why, *(s.why for s in decision.steps))),
        version,
    )
    cursor.execute(
        """
        create temp table decided (class_no bigint, playbook text, strategy text, why_id bigint) on commit drop;
        create temp table decided_step (class_no bigint, place int, step text, kind text, phase text, performer text,
            channel text, template text, justice text[], calendar text, within interval, tariff text, remedy text,
            currency text, fixed numeric, share_of text, percent numeric, at_least numeric, at_most numeric,
            why_id bigint) on commit drop
        """
    )
    with cursor.copy("copy decided from stdin") as copy:
        for number, decision in decided.items():
            copy.write_row((number, decision.playbook, decision.strategy, explained[id(decision.why)]))
    with cursor.copy("copy decided_step from stdin") as copy:
        for number, decision in decided.items():
            for place, step in enumerate(decision.steps):
                owed = step.owed
                share = owed.share if owed else None
                copy.write_row(
                    (
                        number,
                        place,
                        step.id,
                        step.kind,
                        step.phase,
                        step.performer,
                        step.channel,
                        step.template,
                        list(step.justice),
                        step.due.calendar,
                        step.due.within,
                        owed.tariff if owed else "",
                        owed.remedy if owed else "",
                        owed.currency if owed else "",
                        owed.fixed if owed else None,
                        share.fact if share else None,
                        share.percent if share else None,
                        owed.at_least if owed else None,
                        owed.at_most if owed else None,
                        explained[id(step.why)],
                    )
                )
    know(cursor, "decided", "decided_step")


def keep_told(cursor: Any, told: Mapping[int, Reason], version: BlueprintVersion) -> None:
    """Make the table `told_words`: which words say what happened."""
    explained = _explained(told.values(), version)
    cursor.execute("create temp table told_words (told_no bigint, why_id bigint) on commit drop")
    with cursor.copy("copy told_words from stdin") as copy:
        for number, reason in told.items():
            copy.write_row((number, explained[id(reason)]))
    know(cursor, "told_words")


def _explained(reasons: Iterable[Reason], version: BlueprintVersion) -> dict[int, int]:
    """Explanation row for each reason, by the reason's identity: a digest is costly, and equal reasons recur."""
    digests = {id(reason): (reason, reason.digest(version.pk)) for reason in reasons}
    rows = keep_explanations({digest: reason for reason, digest in digests.values()}.values(), version_id=version.pk)
    return {key: rows[digest] for key, (_, digest) in digests.items()}
