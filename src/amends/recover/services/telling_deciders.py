"""Tell whoever an approval was given to that it waits for them: one at a time by itself, many in one notice that says
how many, so that nobody is flooded when an incident asks leave for hundreds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.recover.core.approval import APPROVAL
from amends.recover.core.notices import MANY
from amends.recover.models import Approval, Notice
from amends.recover.services.noticing import News, tell

WHAT: Final = "to_decide"
SINGLY: Final = 3  # notices not seen yet, each of one approval; whatever comes beyond them is told of together


@dataclass(frozen=True, kw_only=True)
class Given:
    """An approval that was just given to somebody."""

    approval: Approval
    staff_id: int
    passed_on: Reason | None  # why it came from somebody else


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What of it a person has not seen yet."""

    singly: int = 0
    together_since: str = ""  # of the notice that tells of many; grows until it is seen


def tell_deciders(given: Sequence[Given], *, now: datetime) -> None:
    """Give notice of what was given out in one act, in as many statements for one as for hundreds."""
    if not given:
        return
    of_person: dict[int, list[Given]] = {}
    for one in given:
        of_person.setdefault(one.staff_id, []).append(one)
    told = _told(list(of_person))
    singly, together = [], {}
    for staff_id, theirs in of_person.items():
        before = told.get(staff_id, _Told())
        if len(theirs) == 1 and not before.together_since and before.singly < SINGLY:
            singly.append(_of_one(theirs[0], now=now))
        else:
            together[staff_id] = before.together_since or now.isoformat()
    tell(singly, now=now)
    numbers = _waiting_since(together)
    tell(
        (_of_many(of_person[staff_id][-1], numbers[staff_id], since) for staff_id, since in together.items()),
        now=now,
        anew=True,
    )


def _told(staff_ids: Sequence[int]) -> dict[int, _Told]:
    found: dict[int, _Told] = {}
    rows = Notice.objects.filter(staff_id__in=staff_ids, seen_at__isnull=True, what=WHAT)
    for staff_id, key in rows.values_list("staff_id", "key"):
        before = found.get(staff_id, _Told())
        if key.startswith(MANY):
            found[staff_id] = _Told(singly=before.singly, together_since=key.removeprefix(MANY))
        else:
            found[staff_id] = _Told(singly=before.singly + 1, together_since=before.together_since)
    return found


def _waiting_since(since: Mapping[int, str]) -> dict[int, int]:
    """How many approvals came to each person since then and still wait."""
    if not since:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select told.staff_id, count(*)
            from unnest(%s::bigint[], %s::timestamptz[]) as told (staff_id, since)
            join recover_approval as approval on approval.assigned_to_id = told.staff_id
                and approval.state = '{APPROVAL.initial}' and approval.assigned_at >= told.since
            group by 1
            """,
            [list(since), list(since.values())],
        )
        return dict(cursor.fetchall())


def _of_one(given: Given, *, now: datetime) -> News:
    approval = given.approval
    name = approval.case.customer.name
    if approval.amount:
        money = Money(approval.amount, approval.currency)
        en, zh = f"{money.in_('en')} for {name} waits for your approval.", f"给{name}的{money.in_('zh')}待您审批。"
    else:
        en, zh = f"Something for {name} waits for your approval.", f"给{name}的一项措施待您审批。"
    if given.passed_on is not None:
        en, zh = f"{en} {given.passed_on.text.en}", f"{zh}{given.passed_on.text.zh}"
    return News(
        staff_id=given.staff_id,
        case_id=approval.case_id,
        what=WHAT,
        key=f"{WHAT}:{approval.pk}:{now.isoformat()}",
        reason=Localised(en=en, zh=zh),
    )


def _of_many(one: Given, number: int, since: str) -> News:
    return News(
        staff_id=one.staff_id,
        case_id=one.approval.case_id,
        what=WHAT,
        key=f"{MANY}{since}",
        reason=Localised(
            en=f"{number:,} approvals came to you and wait for your decision.", zh=f"有{number:,}项新的审批待您处理。"
        ),
    )
