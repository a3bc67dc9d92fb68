"""How a case is judged now: what the facts say, what the customer's words add, and what a person said over both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.taxonomy import currency_among
from amends.kernel.text import Localised
from amends.monitor.models import Affected, Failure
from amends.monitor.services.affected import earlier_failures
from amends.policy.models import Explanation
from amends.policy.selectors import blueprint_of, deployment
from amends.recover.core.advice import Situation
from amends.recover.core.assessing import Party, gap_found, kind_found, party_of
from amends.recover.core.correcting import FACT
from amends.recover.core.coverage import Item
from amends.recover.core.plan import plan_for
from amends.recover.core.priority import Part, parts
from amends.recover.core.replan import Proposal, propose
from amends.recover.models import Action, Assessment, Case, Edit, Plan, Remedy

_EARLIER: Final = 50  # cases of one customer that are looked through


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One case as it is judged now, each part with its reason. `row` holds what was said over the facts, if any."""

    case: Case
    pack: Blueprint
    row: Assessment | None
    failure: Failure | None  # the gravest
    hurt: Affected | None  # how it hit this customer
    corrected: bool = False  # whether a fact was corrected since the plan was made

    @property
    def kind(self) -> str:
        """Of failure."""
        return self.case.kind

    @property
    def severity(self) -> int:
        """Its grade."""
        return self.case.severity

    @property
    def responsible(self) -> str:
        """By what, or whom."""
        return self.case.responsible

    @property
    def controllable(self) -> bool:
        """Could it be controlled?"""
        return self.case.controllable

    @property
    def stable(self) -> bool:
        """Will it come again?"""
        if self.row is not None and self.row.stable is not None:
            return self.row.stable
        return self.failure.stable if self.failure else self.pack.taxonomy.kinds[self.kind].stable

    @property
    def gap(self) -> str:
        """Which of the five gaps it shows."""
        return (self.row.gap if self.row else "") or self.pack.taxonomy.kinds[self.kind].gap

    @property
    def party(self) -> Party:
        """Whose fault it was."""
        return party_of(self.responsible)

    @property
    def supplier(self) -> str:
        """Which supplier's, where it was one's."""
        named = self.row.supplier if self.row else ""
        fact = self.told.get("supplier") or ""
        return (named or str(fact)) if self.party == "supplier" else ""

    @property
    def supplier_name(self) -> Localised | None:
        """What the supplier is called."""
        if not self.supplier:
            return None
        return self.pack.taxonomy.suppliers.get(self.supplier) or Localised(en=self.supplier, zh=self.supplier)

    @property
    def promised(self) -> str:
        """What was promised, as somebody wrote it down; else the standard says it."""
        return self.row.promised if self.row else ""

    @property
    def promise(self) -> tuple[Localised | None, datetime | None]:
        """The standard that was promised, and by when."""
        if self.failure is None:
            return None, None
        standards = (one.name for one in self.pack.standards if one.id == self.failure.standard)
        return next(standards, None), self.failure.due

    @property
    def expected(self) -> str:
        """What the customer expected."""
        return self.row.expected if self.row else ""

    @property
    def perceived(self) -> str:
        """What they got, as they saw it; else what happened says it."""
        return self.row.perceived if self.row else ""

    @property
    def kind_why(self) -> Localised | None:
        """What made it of this kind; None if a person did."""
        return None if "kind" in self.by_person else kind_found(self.promise[0])

    @property
    def gap_why(self) -> Localised | None:
        """Why it shows this gap; None if a person said so."""
        return None if "gap" in self.by_person else gap_found(self.pack.taxonomy.kinds[self.kind].name)

    @property
    def pressing(self) -> int:
        """How much more pressing it is than the formula says, as a person judged it."""
        return (self.row.pressing if self.row else None) or 0

    @property
    def by_person(self) -> frozenset[str]:
        """What a person judged over the facts."""
        row = self.row
        if row is None:
            return frozenset()
        judged = ("kind", "severity", "responsible", "supplier", "controllable", "stable", "gap", "pressing")
        return frozenset(name for name in judged if getattr(row, name) not in {"", None})

    @property
    def rejudged(self) -> bool:
        """Whether anything that plans rest on is judged otherwise than by the facts."""
        for_plans = self.by_person - {"supplier", "gap", "pressing"}
        return self.corrected or (self.row is not None and (self.row.heard is not None or bool(for_plans)))

    @property
    def severity_why(self) -> Explanation | None:
        """The rule that graded it: the customer's words where they raised it, else the facts; None if a person did."""
        if self.row is not None and self.row.severity is not None:
            return None
        if self.row is not None and self.row.heard is not None and self.row.heard >= self.severity:
            return self.row.heard_why
        return self.hurt.severity_why if self.hurt else None

    def value_of(self, aspect: str) -> Any:
        """One aspect as it stands."""
        return getattr(self, aspect)

    @property
    def told(self) -> dict[str, Any]:
        """All that is known of what went wrong: of the failure, of how it hit this customer, and of the case."""
        found = self.failure.facts if self.failure else {}
        return {**found, **(self.hurt.facts if self.hurt else {}), **self.case.facts}

    @property
    def facts(self) -> Mapping[str, object]:
        """What a plan is decided from."""
        usual = self.pack.locale_default_for(self.case.customer.locale)
        return {
            **self.case.facts,
            "kind": self.kind,
            "loss": self.pack.taxonomy.kinds[self.kind].loss,
            "severity": SEVERITY_NAMES[self.severity],
            "responsible": self.responsible,
            "controllable": self.controllable,
            "stable": self.stable,
            **({"locale_default": usual.id} if usual else {}),
        }

    @property
    def day(self) -> date:
        """Of the failure, where we are: the tariffs of that day count."""
        at = self.failure.stage_at if self.failure else self.case.opened_at
        return at.astimezone(ZoneInfo(deployment().timezone)).date()


def judged(case: Case) -> Judged:
    """A case as it is judged now: three queries. The case was fetched for somebody who may see it."""
    hurt = (
        Affected.objects.filter(customer_id=case.customer_id, failure__in=case.case_failures.values("failure_id"))
        .select_related("failure", "severity_why", "customer")
        .order_by("-severity", "failure__stage_at", "failure_id")
        .first()
    )
    row = Assessment.objects.select_related("heard_why").filter(case=case).first()
    corrected = Edit.objects.filter(case=case, aspect=FACT).exists()
    return judged_from(case, row, hurt, corrected=corrected)


def judged_from(case: Case, row: Assessment | None, hurt: Affected | None, *, corrected: bool) -> Judged:
    """The same of what was fetched already: the assessment, if any, how the gravest failure hit the customer, and
    whether a fact was corrected."""
    return Judged(
        case=case,
        pack=blueprint_of(case.blueprint_id),
        row=row,
        failure=hurt.failure if hurt else None,
        hurt=hurt,
        corrected=corrected,
    )


def edits_of(case: Case) -> list[Edit]:
    """What was changed by people, or by the customer's words, the latest first."""
    return list(Edit.objects.filter(case=case).select_related("by", "why", "action").order_by("-id"))


def words_for(actions: Iterable[Action]) -> dict[int, str]:
    """Why a person brought each of these actions into its plan, or altered it last, in their own words; by action."""
    rows = list(actions)
    if not rows:
        return {}
    edits = Edit.objects.filter(case_id__in={row.case_id for row in rows}, action_id__in=[row.pk for row in rows])
    return dict(edits.exclude(reason="").order_by("id").values_list("action_id", "reason"))


def priority_parts(now_judged: Judged, *, earlier: int) -> tuple[Part, ...]:
    """The summands of the case's priority, from the customer as known now; `earlier` failures hit them before."""
    case, customer = now_judged.case, now_judged.case.customer
    return parts(
        severity=case.severity,
        vulnerable=customer.vulnerable,
        watched=_watched_before(now_judged),
        prior_failures=earlier,
        value=customer.value,
        leaving=case.leaving,
        pressing=now_judged.pressing,
    )


def _watched_before(now_judged: Judged) -> bool:
    """Whether the customer was to be handled with care when the case was opened: by a person's word or since an earlier
    case. What this one brings about is no reason to see to it first."""
    case, customer = now_judged.case, now_judged.case.customer
    if customer.watch_until is None or customer.watch_until <= case.opened_at:
        return False
    if customer.watch_reason:
        return True
    watch = now_judged.pack.care.watch
    earlier = Case.every.filter(customer=customer, opened_at__lt=case.opened_at).values_list("opened_at", "severity")
    return any(at + watch.span(SEVERITY_NAMES[severity]) > case.opened_at for at, severity in earlier[:_EARLIER])


def earlier_failures_of(now_judged: Judged) -> int:
    """How many other subjects failed this customer within a year before: as the plan was decided from, else asked."""
    known = now_judged.case.facts.get("prior_failures")
    if isinstance(known, int):
        return known
    if now_judged.failure is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select earlier.failures from monitor_failure as failure
            cross join lateral {earlier_failures("%(customer)s", "failure")} as earlier where failure.id = %(failure)s
            """,
            {"customer": now_judged.case.customer_id, "failure": now_judged.failure.pk},
        )
        return int(cursor.fetchone()[0])


def items_of(case: Case, actions: list[Action]) -> tuple[Item, ...]:
    """A plan's actions, as far as their sort matters."""
    return tuple(
        Item(
            id=action.pk,
            step=action.step,
            kind=action.kind,
            phase="immediate" if action.phase == "immediate" else "follow_up",
            remedy=action.remedy,
            channel=action.channel,
            amount=action.amount or Decimal(0),
            justice=tuple(action.justice),
            state=action.state,
            due_in=action.due_at - case.opened_at,
        )
        for action in actions
    )


def situation_of(now_judged: Judged, items: tuple[Item, ...], *, earlier: int) -> Situation:
    """What the plan is held against: two queries at most."""
    case, pack = now_judged.case, now_judged.pack
    kind = pack.taxonomy.kinds[now_judged.kind]
    loss, price = _named_sum(case, pack.taxonomy.lost, pack), _named_sum(case, pack.taxonomy.price, pack)
    hurts = set(kind.hurts or (("service",) if kind.loss == "outcome" else ("attention",)))
    if loss:
        hurts.add("money")
    return Situation(
        items=items,
        hurts=frozenset(hurts),
        severity=case.severity,
        responsible=now_judged.responsible,
        stable=now_judged.stable,
        price=price,
        loss=loss or price,
        earlier_failures=earlier,
        given_before=_given_last_time(case) if earlier else None,
    )


def _given_last_time(case: Case) -> Decimal | None:
    before = Case.objects.filter(customer_id=case.customer_id, opened_at__lt=case.opened_at).exclude(pk=case.pk)
    last = before.order_by("-opened_at", "-id").values_list("pk", flat=True).first()
    if last is None:
        return None
    return sum(Remedy.objects.filter(case_id=last).values_list("amount", flat=True), Decimal(0))


def proposal_of(now_judged: Judged, items: tuple[Item, ...]) -> Proposal | None:
    """What the playbook would give as the case is judged now; None where it is just what is planned."""
    plan: Plan | None = getattr(now_judged.case, "plan", None)
    if plan is None or not now_judged.case.is_open or not now_judged.rejudged:
        return None
    facts = now_judged.facts
    found = propose(plan_for(facts, now_judged.pack, on=now_judged.day), items, facts, playbook=plan.playbook)
    return found if found.changes else None


def _named_sum(case: Case, fact: str | None, pack: Blueprint) -> Decimal | None:
    value = case.facts.get(fact) if fact else None
    if currency_among(case.facts, usual=pack.currency) != pack.currency:
        return None  # nothing here is given in that currency, so nothing can be held against it
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found > 0 else None
