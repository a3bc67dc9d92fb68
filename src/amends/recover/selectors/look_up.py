"""Who is on the line: one field, one list of customers, each with what matched, as one types.

Every way to match has its index and a limit of its own, so it takes as long with a million customers as with ten: the
beginning of a reference, a number (from its front, as dialled at home, or by its last digits), the beginning of an
e-mail address, words of a name, the beginning of a subject or of an order's number, a case by its number. A subject or
an order and words of a name narrow each other: `UA123 smith`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from amends.people.core.rights import may
from amends.people.models import AT_HOME, BACKWARDS, NAME_WORDS, ContactPoint, Customer, Staff
from amends.people.selectors import CJK, require, units_below
from amends.recover.models import Case
from amends.recover.search import CJK as CHINESE

MOST: Final = 12  # customers in the list
MOST_OF_A_SUBJECT: Final = 600  # its roster, within which words of a name are looked for
LEAST_OF_AN_ORDER: Final = 3  # characters of its number; fewer begin too many
LINES_EACH: Final = 4  # of rosters, read for each customer wanted: one order may serve them by several subjects
LAST_DIGITS: Final = range(4, 12)  # so many digits are also looked for at the end of numbers
LARGEST_ID: Final = 2**63 - 1
_OUTSIDE: Final = (  # an employee as a customer is in no list, nor takes a customer's place in it
    "not exists (select from people_customer where id = customer_id and staff_id is not null)"
)
Matches = Iterator[tuple[int, str, str]]


@dataclass(frozen=True, kw_only=True)
class Match:
    """What matched: `phone`, `email`, `reference`, `name`, `subject`, `order` or `case`, and the value that did."""

    what: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One customer of the list."""

    customer: Customer
    matches: tuple[Match, ...] = field(default_factory=tuple)


def look_up(staff: Staff, text: str, *, limit: int = MOST) -> list[Caller]:
    """The customers who fit, those who fit best first; nobody for an empty text."""
    require(staff, "see_customers")
    wanted = " ".join(text.replace("\0", "").split())[:100]
    if not wanted:
        return []
    found: dict[int, dict[str, Match]] = {}
    for customer, what, value in _ways(staff, wanted, limit):
        if customer in found or len(found) < limit:
            found.setdefault(customer, {}).setdefault(what, Match(what=what, value=value))
    rows = Customer.objects.in_bulk(list(found))
    return [Caller(customer=rows[pk], matches=tuple(matches.values())) for pk, matches in found.items() if pk in rows]


def _ways(staff: Staff, wanted: str, limit: int) -> Matches:
    """Every way to match that the text can mean, from the surest."""
    digits = re.sub(r"[\s().\-/+]", "", wanted)
    number = digits.isascii() and digits.isdigit()
    with_digit = [word for word in wanted.split(" ") if re.search(r"\d|/", word)]
    words = [word for word in wanted.split(" ") if word not in with_digit]
    if number or wanted.startswith("#"):
        yield from _case(staff, wanted.lstrip("#"))
    orders = _orders(wanted, [], limit)
    if with_digit and words:
        orders += _orders(" ".join(with_digit), words, limit)
    yield from (match for whole, match in orders if whole)
    if number and len(digits) >= 3:
        yield from _phone(digits, plus=wanted.lstrip().startswith("+"), limit=limit)
    if " " not in wanted:
        yield from _reference(wanted, limit)
        yield from _email(wanted, limit)
    if with_digit and not (number and " " in wanted):
        yield from _subject(staff, " ".join(with_digit), words, limit)
    if not number:
        yield from _name(wanted, limit)
    if words:  # `UA 123` too
        yield from _subject(staff, wanted, [], limit)
    yield from (match for whole, match in orders if not whole)  # three letters begin many orders and few names


def _case(staff: Staff, digits: str) -> Matches:
    if not (digits.isascii() and digits.isdigit()) or int(digits) > LARGEST_ID or not may(staff.role, "see_cases"):
        return
    rows = Case.objects.filter(pk=int(digits))
    reached = units_below(staff)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    for pk, customer in rows.values_list("pk", "customer_id"):
        yield customer, "case", str(pk)


def _phone(digits: str, *, plus: bool, limit: int) -> Matches:
    at_home, backwards = _sql(AT_HOME), _sql(BACKWARDS)
    dialled = digits.lstrip("0") or digits
    ways = [("address like %s", f"+{dialled}%"), ("address like %s", f"{digits}%")]
    if not plus:
        ways.append((f"{at_home} like %s", f"{dialled}%"))
    if len(digits) in LAST_DIGITS:
        ways.append((f"{backwards} like %s", f"{digits[::-1]}%"))
    yield from _rows(
        " union all ".join(
            f"(select customer_id, address from people_contactpoint where kind = 'phone' and {way} and {_OUTSIDE}"
            f" limit {limit})"
            for way, _ in ways
        ),
        [value for _, value in ways],
        "phone",
    )


def _reference(wanted: str, limit: int) -> Matches:
    begins = [f"{_escaped(form)}%" for form in dict.fromkeys((wanted, wanted.upper()))]
    yield from _rows(
        " union all ".join(
            f"(select id, reference from people_customer where reference like %s and staff_id is null"
            f" order by reference limit {limit})"
            for _ in begins
        ),
        begins,
        "reference",
    )


def _email(wanted: str, limit: int) -> Matches:
    if "@" not in wanted and not re.fullmatch(r"[A-Za-z][\w.+-]{2,}", wanted):
        return
    yield from _rows(
        "select customer_id, address from people_contactpoint where kind = 'email' and address like %s"
        f" and {_OUTSIDE} limit {limit}",
        [f"{_escaped(wanted.lower())}%"],
        "email",
    )


def _name(wanted: str, limit: int) -> Matches:
    """The beginning of the whole name first, then words anywhere in it; single letters only narrow what words found."""
    yield from _rows(
        f"select id, name from people_customer where lower(name) like %s and staff_id is null limit {limit}",
        [f"{_escaped(wanted.lower())}%"],
        "name",
    )
    words, letters = _words(wanted)
    if words:
        narrowed = "".join(" and lower(name) ~ %s" for _ in letters)
        yield from _rows(
            f"select id, name from people_customer where {_sql(NAME_WORDS)} @@ %s::tsquery{narrowed}"
            f" and staff_id is null limit {limit}",
            [_query(words), *(rf"\m{letter}" for letter in letters)],
            "name",
        )


def _subject(staff: Staff, wanted: str, words: Sequence[str], limit: int) -> Matches:
    """Who is on the roster of subjects that begin so, or was hit by their failures, if need be of that name."""
    forms = [f"{_escaped(form)}%" for form in dict.fromkeys((wanted, wanted.upper(), wanted.replace(" ", "").upper()))]
    reached = units_below(staff)
    named, names = _named(words)
    if words and not names:
        return
    most = MOST_OF_A_SUBJECT if words else limit
    yield from _rows(
        f"""
        select customer.id, served.subject from (
            (select customer_id, subject from monitor_rosterentry where {_either(forms)} limit {most})
            union all
            (select affected.customer_id, failure.subject from (
                select id, subject, unit_id from monitor_failure
                where not confidential and {_either(forms)} limit {most}
            ) as failure join monitor_affected as affected on affected.failure_id = failure.id
            where %s::bigint[] is null or failure.unit_id = any(%s) limit {most})
        ) as served
        join people_customer as customer on customer.id = served.customer_id{named}
        limit {2 * limit}
        """,
        [*forms, *forms, reached, reached, *names],
        "subject",
    )


def _orders(wanted: str, words: Sequence[str], limit: int) -> list[tuple[bool, tuple[int, str, str]]]:
    """Who is on a roster with an order whose number begins so, if need be of that name, and whether it is all of it.

    Rosters belong to no unit, so an order finds whom their subject finds.
    """
    order = wanted.strip(" -")
    forms = list(dict.fromkeys((order, order.replace(" ", ""))))
    named, names = _named(words)
    if len(forms[-1]) < LEAST_OF_AN_ORDER or (words and not names):
        return []
    most = MOST_OF_A_SUBJECT if words else LINES_EACH * limit
    begun = " union all ".join(
        f"""(
            select customer_id, facts ->> 'order' as number from monitor_rosterentry
            where facts ? 'order' and upper(facts ->> 'order') like upper(%s)
            order by upper(facts ->> 'order') using ~<~ limit {most}
        )"""  # the order of the index, in which the whole number comes before longer ones
        for _ in forms
    )
    found = _rows(
        f"""
        select customer.id, ordered.number from ({begun}) as ordered
        join people_customer as customer on customer.id = ordered.customer_id{named}
        """,
        [*(f"{_escaped(form)}%" for form in forms), *names],
        "order",
    )
    whole = {form.upper() for form in forms}
    return [(match[2].upper() in whole, match) for match in found]


def _named(words: Sequence[str]) -> tuple[str, list[str]]:
    """What narrows the customers of a join to those of that name, and its values; none if no word can be looked for."""
    strict, letters = _words(" ".join(words))
    narrowed = f" and {_sql(NAME_WORDS, 'customer')} @@ %s::tsquery" if strict else ""
    narrowed += "".join(" and lower(customer.name) ~ %s" for _ in letters)
    return narrowed, [*([_query(strict)] if strict else []), *(rf"\m{letter}" for letter in letters)]


def _either(forms: Sequence[str]) -> str:
    return "(" + " or ".join("subject like %s" for _ in forms) + ")"


def _rows(statement: str, values: Sequence[Any], what: str) -> Matches:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for customer, value in cursor.fetchall():
            yield customer, what, value


def _words(text: str) -> tuple[list[str], list[str]]:
    """The words that an index finds, and single letters, which are in too many names to look them up."""
    parted = CJK.sub(lambda found: f" {found[0]} ", text.lower())
    found = re.findall(r"[^\W_]+", parted)
    return (
        [word for word in found if len(word) > 1 or CHINESE.fullmatch(word)],
        [word for word in found if len(word) == 1 and not CHINESE.fullmatch(word)],
    )


def _query(words: Sequence[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


@cache
def _sql(expression: Any, table: str = "") -> str:
    """An expression of the models as the index has it, with its values in place: they are constants of ours."""
    model: Any = Customer if expression is NAME_WORDS else ContactPoint
    query = model.objects.filter(Q(pk=0)).annotate(it=expression).values("it").query
    statement, values = query.sql_with_params()
    written = statement.partition(' AS "it"')[0].removeprefix("SELECT ")
    for value in values[: written.count("%s")]:
        quoted = str(value).replace("'", "''").replace("%", "%%")
        written = written.replace("%s", f"'{quoted}'", 1)
    whole = f'"{model._meta.db_table}".'
    return written.replace(whole, f"{table}." if table else "")
