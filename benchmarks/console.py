"""How long the console's pages take with a million cases: the inbox under every filter, search, case page, customers.

    python -m benchmarks console [--cases 1000000] [--quick]

Runs on a database of its own that is thrown away, durable as shipped. The times are the server's, in process and warm:
the best of three for each address, p50 and p95 over the addresses of a kind and over four people, whom
`large_company.PEOPLE` names. Beside them, in the same run and on the same rows, how one would list first: COUNT(*),
OFFSET and ILIKE; of that only the database's time is counted, once.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from benchmarks import large_company
from benchmarks._stage import staged

TARGET: Final = 200.0  # ms, of every p95
BEST_OF: Final = 3
NAIVE_EACH: Final = 1  # addresses of a kind and person that the naive way answers too
DEEP: Final = 20_000  # rows of which half and a quarter lie before a page deep down
CASES_READ: Final = 50  # case pages a person
SORTS: Final = ("priority", "due", "opened")
Query = dict[str, str]
# what people type; a name's beginning, a word that a twelfth of all cases have, one that nearly all have the start of
SEARCHES: Final[dict[str, tuple[str, ...]]] = {
    "English name": ("rosa klein", "Tomas Otieno", "elif novak", "smith", "Garcia", "ada"),
    "Chinese name": ("王小明", "李伟", "张丽娜", "陈静", "黄超秀"),
    "two characters": ("小明", "丽娜", "王", "伟", "ab", "sm", "c-"),
    "one letter": ("a", "s", "n", "1"),
    "subject": ("NA123", "nb456", "ND2", "NC300/2026-01-05"),
    "very common word": ("jfk", "sfo bos", "2025", "2024 jfk", "n 2025", "c", "2025-07", "na"),
    "no hit": ("zzzzzz", "王zzz", "smith zzzz", "klein smith adler", "99999999999"),
}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One address to ask for."""

    path: str
    query: Query = field(default_factory=dict)
    skipped: int = 0  # rows before it


@dataclass(kw_only=True)
class Kind:
    """What is measured together."""

    took: dict[str, list[float]] = field(default_factory=dict)  # ms, by person
    beside: list[tuple[float, float]] = field(default_factory=list)  # ms: naively, and ours for the same address

    def all(self) -> list[float]:
        return [one for times in self.took.values() for one in times]


def main(argv: list[str]) -> None:
    """Make the company, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks console", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a few thousand cases, to see that it runs")
    asked = parser.parse_args(argv)
    with staged():
        began = time.perf_counter()
        staff = large_company.found(5_000 if asked.quick else asked.cases)
        print(f"made in {time.perf_counter() - began:,.0f} s", flush=True)
        report(measure(staff, best_of=1 if asked.quick else BEST_OF))


def measure(staff: dict[str, Any], *, best_of: int = BEST_OF) -> dict[str, Kind]:
    """Everything, for everybody."""
    from django.test import Client

    say_where()
    kinds: dict[str, Kind] = {}
    for name, member in staff.items():
        client = Client(HTTP_HOST="localhost")
        client.force_login(member)
        for path in ("/cases/", "/palette/", "/customers/"):  # templates are read, the pack too
            _get(client, Ask(path=path))
        for what, ask in asks_of(member):
            kind = kinds.setdefault(what, Kind())
            took = [milliseconds(partial(_get, client, ask)) for _ in range(best_of)]
            times = kind.took.setdefault(name, [])
            times.append(min(took))
            if ask.path in NAIVE and len(times) <= NAIVE_EACH:
                naive = milliseconds(partial(NAIVE[ask.path], member, ask))
                kind.beside.append((naive, min(took)))
    return kinds


def say_where() -> None:
    """The size and the machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (select count(*) from recover_case), (select count(*) from recover_case where is_open),
                (select count(*) from people_customer), (select count(*) from people_unit),
                pg_size_pretty(pg_database_size(current_database())), current_setting('shared_buffers'), version()
            """
        )
        cases, still, customers, units, size, buffers, version = cursor.fetchone()
    print(f"{cases:,} cases, {still:,} of them open; {customers:,} customers, {units} units; {size}, buffers {buffers}")
    print(f"{version.split(' on ')[0]}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)


def asks_of(member: Any) -> Iterator[tuple[str, Ask]]:
    """All addresses to ask for a person, by kind."""
    from amends.recover.selectors import cases_for

    seen = cases_for(member, sort="opened", limit=DEEP).rows
    some = seen[:: max(1, len(seen) // CASES_READ)][:CASES_READ]
    yield from _lists(member, [case.unit.code for case in some])
    for case in some[:10]:
        for kind, words in (("case number", str(case.pk)), ("customer reference", case.customer.reference)):
            yield from _search(kind, words)
    for kind, searches in SEARCHES.items():
        for words in searches:
            yield from _search(kind, words)
            yield "customers: search", Ask(path="/customers/", query={"q": words})
    for words, more in (("smith", "state"), ("王", "state"), ("jfk", "state"), ("jfk", "unit"), ("na", "severity")):
        of = {"state": "closed", "unit": some[0].unit.code, "severity": "1"}[more]
        yield "search: with a filter", Ask(path="/cases/", query={"q": words, more: of})
    for case in some:
        yield "case page", Ask(path=f"/cases/{case.pk}/")
    yield "customers: all", Ask(path="/customers/")


def _lists(member: Any, codes: list[str]) -> Iterator[tuple[str, Ask]]:
    from amends.recover.selectors import cases_for

    for sort in SORTS:
        yield f"inbox by {sort}", Ask(path="/cases/", query={"sort": sort})
        rows = cases_for(member, sort=sort, limit=DEEP).rows
        if len(rows) > 1:
            before = len(rows) // 2
            for part in (before, before // 2 or 1):
                after = cases_for(member, sort=sort, limit=part).after
                yield f"inbox by {sort}, deep", Ask(path="/cases/", query={"sort": sort, "after": after}, skipped=part)
        for state in ("planned", "awaiting_customer", "objected", "closed", "withdrawn"):
            yield "inbox, one state", Ask(path="/cases/", query={"sort": sort, "state": state})
        for severity in "123":
            yield "inbox, one severity", Ask(path="/cases/", query={"sort": sort, "severity": severity})
            query = {"sort": sort, "severity": severity, "state": "closed"}
            yield "inbox, state and severity", Ask(path="/cases/", query=query)
        for code in ("NA", "ND", "NA-01", "ND-01", "ND-01-1", "ND-X01", *codes[:3]):
            yield "inbox, one unit", Ask(path="/cases/", query={"sort": sort, "unit": code})
            yield "inbox, unit and severity", Ask(path="/cases/", query={"sort": sort, "unit": code, "severity": "1"})
            yield "inbox, unit and state", Ask(path="/cases/", query={"sort": sort, "unit": code, "state": "closed"})
        yield "inbox, mine", Ask(path="/cases/", query={"sort": sort, "mine": "1"})
        yield "inbox, mine", Ask(path="/cases/", query={"sort": sort, "mine": "1", "severity": "1"})
        yield "inbox, mine", Ask(path="/cases/", query={"sort": sort, "mine": "1", "state": "closed"})


def _search(kind: str, words: str) -> Iterator[tuple[str, Ask]]:
    for sort in SORTS:
        yield f"search: {kind}", Ask(path="/cases/", query={"q": words, "sort": sort})
    yield f"search: {kind}", Ask(path="/palette/", query={"q": words})


def _get(client: Any, ask: Ask) -> None:
    answer = client.get(ask.path, ask.query)
    assert answer.status_code == 200, (ask, answer.status_code)


def milliseconds(act: Callable[[], object]) -> float:
    """What an act takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _naive_cases(member: Any, ask: Ask) -> None:
    """The same list as one would write it first."""
    from django.db.models import Q

    from amends.people.models import Unit
    from amends.recover.models import Case

    rows = Case.objects.select_related("customer", "unit", "owner")
    given = {name: value for name, value in ask.query.items() if value}
    for path in filter(None, (member.unit and member.unit.path, _path(given.get("unit")))):
        rows = rows.filter(unit__in=Unit.objects.filter(path__startswith=path))
    rows = rows.filter(**{name: given[name] for name in ("state", "severity") if name in given})
    if "mine" in given:
        rows = rows.filter(owner=member)
    if words := given.get("q"):
        match = Q(customer__name__icontains=words) | Q(customer__reference__icontains=words)
        rows = rows.filter(match | Q(subject__icontains=words) | Q(id__icontains=words))
    elif given.get("sort") != "opened" and "state" not in given:
        rows = rows.filter(is_open=True)
    order = {"due": ("next_due", "id"), "opened": ("-opened_at", "-id")}.get(
        given.get("sort", ""), ("-priority", "-id")
    )
    if order[0] == "next_due":
        rows = rows.filter(next_due__isnull=False)
    _naive_page(rows, order, ask)


def _naive_customers(_member: Any, ask: Ask) -> None:
    from django.db.models import Q

    from amends.people.models import Customer

    words = ask.query.get("q", "")
    match = Q(name__icontains=words) | Q(reference__icontains=words) | Q(contact_points__address__icontains=words)
    _naive_page(Customer.objects.filter(match).distinct() if words else Customer.objects.all(), ("id",), ask)


def _naive_page(rows: Any, order: tuple[str, ...], ask: Ask) -> None:
    rows.count()
    list(rows.order_by(*order)[ask.skipped : ask.skipped + 50])


def _path(code: str | None) -> str | None:
    from amends.people.models import Unit

    return Unit.objects.values_list("path", flat=True).get(code=code) if code else None


NAIVE: Final[dict[str, Callable[[Any, Ask], None]]] = {"/cases/": _naive_cases, "/customers/": _naive_customers}


def report(kinds: dict[str, Kind]) -> None:
    """The table, and whether the target holds."""
    print(
        f"{'':28} {'asked':>6} {'p50 ms':>8} {'p95 ms':>8} {'most':>8}  {'slowest for':<15} {'naive ms':>9} {'ours':>7}"
        f" {'times':>6}"
    )
    slow = []
    for what, kind in kinds.items():
        took = kind.all()
        late = p95(took)
        person = max(kind.took, key=lambda name: p95(kind.took[name]))
        naive = ""
        if kind.beside:
            plain, ours = (statistics.mean(times) for times in zip(*kind.beside, strict=True))
            naive = f"{plain:9.0f} {ours:7.1f} {plain / ours:6.1f}"
        print(
            f"{what:<28} {len(took):>6} {statistics.median(took):>8.1f} {late:>8.1f} {max(took):>8.1f}  {person:<15}"
            f" {naive}",
            flush=True,
        )
        slow += [what] if late > TARGET else []
    held = "held by all" if not slow else f"missed by {', '.join(slow)}"
    print(f"p95 of at most {TARGET:g} ms: {held}; load at the end {os.getloadavg()[0]:.1f}")


def p95(times: Iterable[float]) -> float:
    """The time that 95 of 100 stay within."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
