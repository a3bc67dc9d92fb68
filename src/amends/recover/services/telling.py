"""Letters about cases: what a template says, filled for each customer, and queued under a key that makes it one
letter.

What is done for a case at the same moment is told in one letter, and in one text before it where it is urgent: nobody
wants five at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from amends.channels.services import Outgoing
from amends.kernel.instants import instant_of, micros_sql
from amends.kernel.repairs import WRITTEN
from amends.kernel.text import Localised
from amends.policy.models import Deployment
from amends.policy.selectors import blueprint_of
from amends.recover.core.case import OWED
from amends.recover.core.clocks import OPEN, next_news
from amends.recover.core.words import Told, amount_of, one_letter, rendered, rendered_text
from amends.recover.links import customer_link
from amends.recover.services.reaching import REACH, REACH_COLUMNS, Reach, Way, by_letter, by_text, in_short
from amends.recover.services.ticking import rule_of

# A promised time speaks of what the customer waits for: news first, then the repair.
PROMISED = f"""(
    select coalesce(
        min(due_at) filter (where kind = 'inform' and due_at > action.ready_at
            and state in ({", ".join(f"'{state}'" for state in OPEN)})),
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
    remedy: str
    amount: Decimal | None
    currency: str
    blueprint_id: int
    subject: str
    name: str
    locale: str
    reach: Reach
    what_en: str
    what_zh: str
    cause_en: str
    cause_zh: str
    case_state: str
    playbook: str
    ready_at: datetime
    by_when: datetime | None


_REACH: Final = Due._fields.index("reach")
_COLUMNS = f"""
    action.id, action.case_id, cases.customer_id, action.kind, action.template, action.channel, action.remedy,
    action.amount, action.currency, plan.blueprint_id, cases.subject, customer.name, customer.locale,
    {REACH_COLUMNS}, happened.en as what_en, happened.zh as what_zh, cause.en as cause_en,
    cause.zh as cause_zh, cases.state as case_state, plan.playbook,
    {micros_sql("action.ready_at")}, {micros_sql(PROMISED)} as by_when
"""
_TABLES = f"""
    recover_action as action
    join recover_case as cases on cases.id = action.case_id
    join recover_plan as plan on plan.id = action.plan_id
    join people_customer as customer on customer.id = cases.customer_id
    join policy_explanation as happened on happened.id = cases.what_happened_id
    join policy_explanation as cause on cause.id = cases.cause_id
    {REACH}
"""


class Untold(NamedTuple):
    """What a customer should have been told and was not."""

    case_id: int
    blueprint_id: int
    kind: str  # of action
    at: datetime  # when they should


def due_actions(cursor: Any, ids: Sequence[int]) -> list[Due]:
    """These actions with what their letters need, in order."""
    cursor.execute(f"select {_COLUMNS} from {_TABLES} where action.id = any(%s) order by action.id", [list(ids)])
    return [
        Due(
            *row[:_REACH],
            Reach(*row[_REACH : _REACH + len(Reach._fields)]),
            *row[_REACH + len(Reach._fields) :],
            ready_at=instant_of(ready_at),
            by_when=None if by_when is None else instant_of(by_when),
        )
        for *row, ready_at, by_when in cursor.fetchall()
    ]


def letters(actions: Iterable[Due], place: Deployment, *, now: datetime | None) -> list[Outgoing]:
    """The letters of those actions that have one and go out over a channel of ours, and texts where they are told so;
    `now` None: as of when it was ready. Each has the key and the subject of the first action that it tells of."""
    company = Localised(en=place.company_en, zh=place.company_zh)
    zone = ZoneInfo(place.timezone)
    together: dict[tuple[int, datetime], list[Due]] = {}
    for action in actions:
        if action.template and action.channel in WRITTEN:
            together.setdefault((action.case_id, now or action.ready_at), []).append(action)
    return [message for (_, at), told in together.items() for message in _messages(told, company, zone, at)]


def unheard(actions: Iterable[Due], written: Iterable[Outgoing]) -> list[Untold]:
    """Those of these actions that should be told, and of whose case no way leads to the customer."""
    heard = {message.thread for message in written}
    told = (action for action in actions if action.template and action.channel in WRITTEN)
    return [
        Untold(case_id=action.case_id, blueprint_id=action.blueprint_id, kind=action.kind, at=action.ready_at)
        for action in told
        if f"case:{action.case_id}" not in heard
    ]


def news_promised(action: Due, at: datetime) -> datetime | None:
    """By when news that go out at `at` promise the next ones, while our part is still to be done."""
    pack = blueprint_of(action.blueprint_id)
    if action.kind != "progress_notice" or action.channel not in WRITTEN or action.case_state not in OWED:
        return None
    if not action.template or "by_when" not in pack.templates[action.template].variables:
        return None
    rule = rule_of(pack, action.playbook, "inform")
    return None if rule is None else next_news(rule, at, pack.calendars)


def _messages(actions: Sequence[Due], company: Localised, zone: ZoneInfo, at: datetime) -> Iterator[Outgoing]:
    """All these actions for one case: a text for the first of those that are told so, one letter for the others."""
    rest = list(actions)
    case = _of_case(actions[0], company)
    texted = next((action for action in actions if action.channel == "sms"), None)
    if texted is not None:
        pack = blueprint_of(texted.blueprint_id)
        template = pack.templates[texted.template]
        said = rendered_text(template, _of_action(case, texted, at), locale=texted.locale, zone=zone)
        way = by_text(texted.reach, said[1], pack.home) if said else None
        if said is not None and way is not None:
            yield _outgoing(texted, way, *said, at)
            rest.remove(texted)
    if not rest:
        return
    parts = [
        rendered(
            blueprint_of(action.blueprint_id).templates[action.template],
            _of_action(case, action, at),
            locale=action.locale,
            zone=zone,
        )
        for action in rest
    ]
    subject, body, way = parts[0][0], one_letter([body for _, body in parts]), by_letter(rest[0].reach)
    if way is None and len(rest) == len(actions):  # else a text has gone out just now that leads to all of it
        body = in_short(subject, company=company, link=case.link, locale=rest[0].locale)
        way = by_text(rest[0].reach, body, blueprint_of(rest[0].blueprint_id).home)
    if way is not None:
        yield _outgoing(rest[0], way, subject, body, at)


def _of_case(action: Due, company: Localised) -> Told:
    """What is the same in all that is told of a case; the link is signed, which takes long."""
    return Told(
        name=action.name,
        company=company,
        subject=action.subject,
        what_happened=Localised(en=action.what_en, zh=action.what_zh),
        cause=Localised(en=action.cause_en, zh=action.cause_zh),
        amount=None,
        remedy="",
        by_when=None,
        case=str(action.case_id),
        link=customer_link(f"case:{action.case_id}"),
    )


def _of_action(case: Told, action: Due, at: datetime) -> Told:
    return case._replace(
        amount=amount_of(action.amount, action.currency),
        remedy=action.remedy,
        by_when=news_promised(action, at) or action.by_when,
    )


def _outgoing(first: Due, way: Way, subject: str, body: str, at: datetime) -> Outgoing:
    return Outgoing(
        key=f"action:{first.id}",
        thread=f"case:{first.case_id}",
        customer_id=first.customer_id,
        channel=way.channel,
        address=way.address,
        locale=first.locale,
        subject=subject,
        body=body,
        created_at=at,
    )
