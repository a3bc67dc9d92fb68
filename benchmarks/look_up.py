"""How long the caller look-up takes as one types, with a million cases and a million customers: every key's answer.

    python -m benchmarks look_up [--cases 1000000] [--quick]

Each search is typed letter by letter, and every stop is asked for as the browser would: the server's time, in process
and warm, once for each. Runs on a database of its own that is thrown away.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from benchmarks import large_company
from benchmarks._stage import staged
from benchmarks.console import milliseconds, p95, say_where

TARGET: Final = 100.0  # ms, of every p95
EACH: Final = 12  # customers of whom we look each kind up
TYPED: Final = (
    "smith",
    "rosa klein",
    "garcia t",
    "王小明",
    "王",
    "李伟",
    "NA123",
    "nb456/2025",
    "na1 smith",
    "zzzz",
    "100",
)

# as many customers as cases, each with a telephone; a roster for every incident, with a number of what they bought
_MORE: Final = (
    """
    insert into people_customer (reference, kind, name, locale, tier, value, currency, vulnerable, vulnerable_reason,
        consent_contact, watch_reason, synthetic, created_at)
    select 'M-' || lpad(n::text, 8, '0'), 'external', like_them.name, like_them.locale, '', 0, 'USD', false, '', true,
        '', true, now()
    from generate_series(1, %(more)s) as n
    join people_customer as like_them on like_them.id = 1 + n %% %(known)s
    """,
    """
    insert into people_contactpoint (customer_id, kind, address, rank)
    select id, 'phone', case when id %% 2 = 0 then '+1' || 2000000000 + (id * 7919) %% 7999999999
        else '+86' || 13000000000 + (id * 7919) %% 6999999999 end, 1
    from people_customer
    """,
    """
    insert into monitor_rosterentry (subject, customer_id, facts)
    select distinct failure.subject, affected.customer_id,
        jsonb_build_object('order', upper(substr(md5(affected.customer_id::text), 1, 8)))
    from monitor_affected as affected join monitor_failure as failure on failure.id = affected.failure_id
    """,
)


def main(argv: list[str]) -> None:
    """Make the company, type, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks look_up", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a few thousand cases, to see that it runs")
    asked = parser.parse_args(argv)
    with staged():
        cases = 5_000 if asked.quick else asked.cases
        began = time.perf_counter()
        staff = large_company.found(cases)
        people_it(cases)
        print(f"made in {time.perf_counter() - began:,.0f} s", flush=True)
        report(measure(staff, each=1 if asked.quick else EACH))


def people_it(customers: int) -> None:
    """As many customers, telephones and rosters."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from people_customer")
        known = cursor.fetchone()[0]
        for statement in _MORE:
            cursor.execute(statement, {"more": max(0, customers - known), "known": known})
        cursor.execute("vacuum analyze people_customer, people_contactpoint, monitor_rosterentry, monitor_failure")


def measure(staff: dict[str, Any], *, each: int = EACH) -> dict[str, list[float]]:
    """Milliseconds of each answer, by what is looked up."""
    from django.test import Client

    say_where()
    took: dict[str, list[float]] = {}
    for member in staff.values():
        client = Client(HTTP_HOST="localhost")
        client.force_login(member)
        client.get("/customers/callers/", {"q": "warm"})
        for kind, words in searches(each):
            for end in range(1, len(words) + 1):
                took.setdefault(kind, []).append(milliseconds(partial(_ask, client, words[:end])))
    return took


def searches(each: int) -> Iterator[tuple[str, str]]:
    """What callers say, by kind."""
    from amends.monitor.models import RosterEntry
    from amends.people.models import ContactPoint, Customer
    from amends.recover.models import Case

    last = Customer.objects.order_by("-id").values_list("id", flat=True)[0]
    some = [1 + last * at // each for at in range(each)]
    for reference in Customer.objects.filter(pk__in=some).values_list("reference", flat=True):
        yield "reference", reference
    for number in ContactPoint.objects.filter(kind="phone", customer_id__in=some).values_list("address", flat=True):
        yield "phone, from its front", number
        yield "phone, last digits", number[-6:]
        yield "phone, as at home", number.removeprefix("+86").removeprefix("+1")
    for address in ContactPoint.objects.filter(kind="email", customer_id__lte=each).values_list("address", flat=True):
        yield "e-mail", address
    for subject in Case.objects.order_by("-id").values_list("subject", flat=True)[:each]:
        yield "order", subject
    for facts in RosterEntry.objects.order_by("-id").values_list("facts", flat=True)[:each]:
        yield "order, its number", facts["order"].lower()
    for words in TYPED[: max(2, each)]:
        yield "names and others", words


def _ask(client: Any, words: str) -> None:
    answer = client.get("/customers/callers/", {"q": words})
    assert answer.status_code == 200, (words, answer.status_code)


def report(took: dict[str, list[float]]) -> None:
    """The table, and whether the target holds."""
    print(f"{'':24} {'asked':>6} {'p50 ms':>8} {'p95 ms':>8} {'most':>8}")
    for kind, times in took.items():
        print(f"{kind:24} {len(times):>6} {statistics.median(times):>8.1f} {p95(times):>8.1f} {max(times):>8.1f}")
    slow = [kind for kind, times in took.items() if p95(times) > TARGET]
    held = "held by all" if not slow else f"missed by {', '.join(slow)}"
    print(f"p95 of at most {TARGET:g} ms as one types: {held}; load at the end {os.getloadavg()[0]:.1f}")
