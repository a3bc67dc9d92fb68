"""Writes to the blueprint store: publish a version, set up the deployment, keep the words of decisions."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import connection, transaction

from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.policy.models import BlueprintVersion, Deployment


@transaction.atomic
def publish_blueprint(
    pack: Blueprint, *, name: str, now: datetime, acting_user: str, note: str = ""
) -> BlueprintVersion:
    """Publish a pack as the next version of `name`; publishing what is in force already changes nothing."""
    hold_versions(name)
    latest = BlueprintVersion.objects.filter(name=name).order_by("-number").first()
    if latest is not None and latest.digest == pack.digest:
        return latest
    return BlueprintVersion.objects.create(
        name=name,
        number=latest.number + 1 if latest else 1,
        digest=pack.digest,
        content=pack.content(),
        published_at=now,
        published_by=acting_user,
        note=note,
    )


def hold_versions(name: str) -> None:
    """Until this transaction ends nobody else publishes: a second one waits and then sees the first's version."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('blueprint'), hashtext(%s))", [name])


@transaction.atomic
def set_up_deployment(
    *,
    kind: Deployment.Kind,
    blueprint_name: str,
    company: Localised,
    timezone: str,
    demo_from: date | None = None,
    demo_days: int | None = None,
) -> Deployment:
    """Say what this database is for. A company's database never becomes a demo, nor the reverse.

    Raises:
        ValueError: the database is already set up as the other kind.
    """
    found = Deployment.objects.select_for_update().filter(pk=1).first()
    if found is not None and found.kind != kind:
        raise ValueError(
            f"This database is set up as a {found.kind}, so it can't become a {kind}: real and made-up customers never "
            "share one. Use another AMENDS_HOME or DATABASE_URL."
        )
    if found is not None:
        return found
    return Deployment.objects.create(
        id=1,
        kind=kind,
        blueprint_name=blueprint_name,
        company_en=company.en,
        company_zh=company.zh,
        timezone=timezone,
        demo_from=demo_from,
        demo_days=demo_days,
    )


def set_present(*, now: datetime, machine_now: datetime) -> None:
    """Move a demo's present to `now`, as seen from the machine's clock at `machine_now`."""
    Deployment.objects.filter(pk=1, kind=Deployment.Kind.DEMO).update(behind=machine_now - now)


def keep_explanations(reasons: Iterable[Reason], *, version_id: int) -> dict[str, int]:
    """Store explanations that are not there yet; digest -> row id for all of them. Three statements at most."""
    by_digest = {reason.digest(version_id): reason for reason in reasons}
    found = _kept(by_digest)
    missing = [digest for digest in by_digest if digest not in found]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                insert into policy_explanation (digest, rule, inputs, en, zh, blueprint_id)
                select digest, rule, inputs, en, zh, %s
                from json_to_recordset(%s::json) as given (digest text, rule text, inputs jsonb, en text, zh text)
                on conflict (digest) do nothing
                """,
                [version_id, _as_json({digest: by_digest[digest] for digest in missing})],
            )
        found |= _kept(missing)
    return found


def _kept(digests: Iterable[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select digest, id from policy_explanation where digest in (select json_array_elements_text(%s::json))",
            [json.dumps(list(digests))],
        )
        return dict(cursor.fetchall())


def _as_json(reasons: Mapping[str, Reason]) -> str:
    rows = [
        {"digest": digest, "rule": why.rule, "inputs": dict(why.inputs), "en": why.text.en, "zh": why.text.zh}
        for digest, why in reasons.items()
    ]
    return json.dumps(rows, default=str, ensure_ascii=False)
