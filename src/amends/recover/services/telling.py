"""Letters about cases: what a template says, filled for each customer, and queued under a key that makes it one
letter.

What is done for a case at the same moment is told in one letter: nobody wants five at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from amends.channels.services import Outgoing
from amends.kernel.instants import instant_of, micros_sql
from amends.kernel.text import Localised
from amends.policy.models import Deployment
from amends.policy.selectors import blueprint_of
from amends.recover.core.case import OWED
from amends.recover.core.clocks import next_news
from amends.recover.core.words import Told, amount_of, one_letter, rendered
from amends.recover.links import customer_link
from amends.recover.services.ticking import rule_of

# A promised time speaks of what the customer waits for: news first, then the repair.
PROMISED = """(
    select coalesce(min(due_at) filter (where kind = 'inform' and due_at > action.ready_at),
        min(due_at) filter (where kind = 'resolve'))
    from recover_clock where recover_clock.case_id = action.case_id
)"""


class Due(NamedTuple):
    """An action about to be done, with what its letter needs; columns in the order of `_COLUMNS`."""

    id: int
    case_id: int
    customer_id: int
    kind: str
    template: str
    channel: str
    amount: Decimal | None
    currency: str
    blueprint_id: int
    subject: str
    name: str
    locale: str
    address: str
    what_en: str
    what_zh: str
    cause_en: str
    cause_zh: str
    case_state: str
    playbook: str
    ready_at: datetime
    by_when: datetime | None


_COLUMNS = f"""
    action.id, action.case_id, cases.customer_id, action.kind, action.template, action.channel, action.amount,
    action.currency, plan.blueprint_id, cases.subject, customer.name, customer.locale,
    coalesce(contact.address, '') as address, happened.en as what_en, happened.zh as what_zh, cause.en as cause_en,
    cause.zh as cause_zh, cases.state as case_state, plan.playbook,
    {micros_sql("action.ready_at")}, {micros_sql(PROMISED)} as by_when
"""
_TABLES = """
    recover_action as action
    join recover_case as cases on cases.id = action.case_id
    join recover_plan as plan on plan.id = action.plan_id
    join people_customer as customer on customer.id = cases.customer_id
    join policy_explanation as happened on happened.id = cases.what_happened_id
    join policy_explanation as cause on cause.id = cases.cause_id
    left join lateral (
        select address from people_contactpoint as point
        where point.customer_id = customer.id order by rank, id limit 1
    ) as contact on true
"""


def due_actions(cursor: Any, ids: Sequence[int]) -> list[Due]:
    """These actions with what their letters need, in order."""
    cursor.execute(f"select {_COLUMNS} from {_TABLES} where action.id = any(%s) order by action.id", [list(ids)])
    return [
        Due(*row, ready_at=instant_of(ready_at), by_when=None if by_when is None else instant_of(by_when))
        for *row, ready_at, by_when in cursor.fetchall()
    ]


def letters(actions: Iterable[Due], place: Deployment, *, now: datetime | None) -> list[Outgoing]:
    """The letters of those actions that have one and go out over a channel of ours; `now` None: as of when it was
    ready. Each has the key and the subject of the first action that it tells of."""
    company = Localised(en=place.company_en, zh=place.company_zh)
    zone = ZoneInfo(place.timezone)
    together: dict[tuple[int, datetime], list[Due]] = {}
    for action in actions:
        if action.template and action.channel == "outbox":
            together.setdefault((action.case_id, now or action.ready_at), []).append(action)
    return [_letter(told, company, zone, at) for (_, at), told in together.items()]


def news_promised(action: Due, at: datetime) -> datetime | None:
    """By when news that go out at `at` promise the next ones, while our part is still to be done."""
    pack = blueprint_of(action.blueprint_id)
    if action.kind != "progress_notice" or action.channel != "outbox" or action.case_state not in OWED:
        return None
    if not action.template or "by_when" not in pack.templates[action.template].variables:
        return None
    rule = rule_of(pack, action.playbook, "inform")
    return None if rule is None else next_news(rule, at, pack.calendars)


def _letter(actions: Sequence[Due], company: Localised, zone: ZoneInfo, at: datetime) -> Outgoing:
    """One letter of all these actions for one case."""
    first = actions[0]
    thread = f"case:{first.case_id}"
    facts = Told(
        name=first.name,
        company=company,
        subject=first.subject,
        what_happened=Localised(en=first.what_en, zh=first.what_zh),
        cause=Localised(en=first.cause_en, zh=first.cause_zh),
        amount=None,
        by_when=None,
        case=str(first.case_id),
        link=customer_link(thread),
    )
    said = [
        rendered(
            blueprint_of(action.blueprint_id).templates[action.template],
            facts._replace(
                amount=amount_of(action.amount, action.currency),
                by_when=news_promised(action, at) or action.by_when,
            ),
            locale=action.locale,
            zone=zone,
        )
        for action in actions
    ]
    return Outgoing(
        key=f"action:{first.id}",
        thread=thread,
        customer_id=first.customer_id,
        channel=first.channel,
        address=first.address,
        locale=first.locale,
        subject=said[0][0],
        body=one_letter([body for _, body in said]),
        created_at=at,
    )
