"""How a case hangs together with others: links, merges, what looks like the same complaint once more."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from amends.channels.models import Message
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.core.likeness import SPAN, Likeness, Told, likeness
from amends.recover.models import Case, CaseLink, Handover, Presence
from amends.recover.selectors.circle import seen_alone
from amends.recover.selectors.contents import ALL

MOST_COMPARED: Final = 50  # of one customer's cases near in time
MOST_SHOWN: Final = 4
LINK_WORDS: Final = {
    ("related", True): Localised(en="related to", zh="相关案件"),
    ("related", False): Localised(en="related to", zh="相关案件"),
    ("duplicate_of", True): Localised(en="duplicate of", zh="重复于"),
    ("duplicate_of", False): Localised(en="has a duplicate:", zh="有重复案件"),
    ("caused_by", True): Localised(en="caused by", zh="起因于"),
    ("caused_by", False): Localised(en="led to", zh="引发了"),
    ("merged_into", True): Localised(en="merged into", zh="已并入"),
    ("merged_into", False): Localised(en="took in", zh="并入了"),
    ("split_from", True): Localised(en="split from", zh="拆分自"),
    ("split_from", False): Localised(en="split off:", zh="拆分出"),
}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the page of a case needs of its hands and ties, in three queries."""

    family: tuple[int, ...]  # itself and the cases that went into it
    hands: tuple[Handover, ...]  # changes of hands, earliest first
    links: tuple[CaseLink, ...]  # ended ones too, the latest first

    @property
    def threads(self) -> list[str]:
        return [f"case:{pk}" for pk in self.family]


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A link as seen from one case."""

    link: CaseLink
    other: Case
    words: Localised
    may_end: bool  # by people; merges and splits stay


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A case that may be the same complaint."""

    case: Case
    like: Likeness


def survivor_of(case_id: int) -> int:
    """The case in which this one goes on, through however many merges; itself, if it was never merged."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive chain (id, depth) as (
                select %s::bigint, 0
                union all
                select link.other_id, depth + 1 from chain
                join recover_caselink as link on link.case_id = chain.id and link.kind = 'merged_into'
            )
            select id from chain order by depth desc limit 1
            """,
            [case_id],
        )
        return int(cursor.fetchone()[0])


def merged_into(case: Case) -> list[int]:
    """The cases that went into this one, through however many merges."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive kin (id) as (
                select case_id from recover_caselink where other_id = %s and kind = 'merged_into'
                union
                select link.case_id from kin join recover_caselink as link
                    on link.other_id = kin.id and link.kind = 'merged_into'
            )
            select id from kin order by id
            """,
            [case.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def desk_of(case: Case, contents: Collection[str] = ALL) -> Desk:
    """How a case that one may see has gone through hands and hangs together with others; `contents`: what there is."""
    hands = Handover.objects.filter(case=case).select_related(
        "by", "from_staff", "to_staff", "to_team", "to_unit", "why"
    )
    linked = "links" in contents
    return Desk(
        family=(case.pk, *(merged_into(case) if linked else ())),
        hands=tuple(hands.order_by("at", "pk")) if "hands" in contents else (),
        links=tuple(links_of(case)) if linked else (),
    )


def links_of(case: Case) -> QuerySet[CaseLink]:
    """The links of a case, ended ones too, the latest first."""
    links = CaseLink.objects.filter(Q(case=case) | Q(other=case))
    return links.select_related("case__customer", "other__customer", "by").order_by("-at", "-pk")


def threads_of(case: Case) -> list[str]:
    """The conversations that belong to a case: its own and those of the cases that went into it."""
    return [f"case:{pk}" for pk in (case.pk, *merged_into(case))]


def ties_of(staff: Staff, case: Case, links: Iterable[CaseLink] | None = None) -> list[Tie]:
    """How a case that this person may see hangs together with others that they may see, the latest first."""
    lasting = [link for link in (links_of(case) if links is None else links) if link.ended_at is None]
    reached = units_below(staff) if lasting else None
    found = []
    for link in lasting:
        forth = link.case_id == case.pk
        other = link.other if forth else link.case
        if not other.confidential and (reached is None or other.unit_id in reached):
            said = link.kind not in {CaseLink.Kind.MERGED_INTO, CaseLink.Kind.SPLIT_FROM}
            found.append(Tie(link=link, other=other, words=LINK_WORDS[link.kind, forth], may_end=said))
    return found


def access_link(staff: Staff, link_id: int) -> CaseLink:
    """A link of a case that the person may see."""
    require(staff, "see_cases")
    rows = CaseLink.objects.filter(seen_alone(staff, case="case__", unit="case__unit_id"), pk=link_id)
    found = rows.first()
    if found is None:
        raise NotFound(f"There is no link {link_id} here.")
    return found


def duplicates_of(staff: Staff, case: Case) -> list[Duplicate]:
    """Open cases of the same customer that may be the same complaint, the likeliest first.

    Three queries whatever there is: the customer's cases come by their index, words by their threads'.
    """
    require(staff, "see_cases")
    if not case.is_open:
        return []
    rows = Case.objects.filter(
        customer_id=case.customer_id,
        is_open=True,
        opened_at__gte=case.opened_at - SPAN,
        opened_at__lte=case.opened_at + SPAN,
    ).exclude(pk=case.pk)
    near = list(rows.select_related("customer", "owner").order_by("-opened_at")[:MOST_COMPARED])
    reached = units_below(staff) if near else None
    near = [one for one in near if reached is None or one.unit_id in reached]
    if not near:
        return []
    words = _words_of([case, *near])
    own = _told(case, words)
    tied = set(CaseLink.objects.filter(Q(case=case) | Q(other=case), ended_at=None).values_list("case_id", "other_id"))
    known = {pk for pair in tied for pk in pair}
    found = [Duplicate(case=one, like=likeness(own, _told(one, words))) for one in near if one.pk not in known]
    likely = [one for one in found if one.like.suggested]
    return sorted(likely, key=lambda one: (-one.like.score, one.case.pk))[:MOST_SHOWN]


def handed_to(staff: Staff, case: Case, desk: Desk) -> Handover | None:
    """The last change of hands, if it made the case this person's or their team's and somebody else did it."""
    last = next((one for one in reversed(desk.hands) if one.undone_at is None), None)
    if last is None or last.by_id == staff.pk:
        return None
    waits = last.to_staff_id is None and case.owner_id is None
    return last if last.to_staff_id == staff.pk or waits else None


def _words_of(cases: list[Case]) -> dict[int, str]:
    """What the customer said first in each case, where they said anything."""
    threads = {f"case:{case.pk}": case.pk for case in cases}
    rows = Message.objects.filter(thread__in=list(threads), direction=Message.Direction.IN).order_by("-created_at")
    return {threads[thread]: body[:2_000] for thread, body in rows.values_list("thread", "body")}


def _told(case: Case, words: dict[int, str]) -> Told:
    return Told(subject=case.subject, kind=case.kind, opened_at=case.opened_at, words=words.get(case.pk, ""))


def looked_at(case_id: int, *, but: Staff, since: datetime) -> list[tuple[Staff, bool]]:
    """Who else has the case open: each with whether they are writing."""
    rows = Presence.objects.filter(case_id=case_id, seen_at__gte=since).exclude(staff=but)
    return [(row.staff, row.writing) for row in rows.select_related("staff").order_by("staff__name")]
