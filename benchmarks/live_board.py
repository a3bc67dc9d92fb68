"""How long from a burst of signals accepted over HTTP until the live board shows the incident that it opened, and what
a watching page costs the server while nothing changes.

`amends serve` with its own processes, a Chromium that watches, bursts of twelve cancelled flights at one unit.
`python -m benchmarks live_board [--bursts N]`
"""

import argparse
import statistics
import time
from typing import Any

from benchmarks._stage import staged
from benchmarks.console import say_where

ASKED = 200  # times, while nothing changes


def main(argv: list[str]) -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_board", description=__doc__)
    parser.add_argument("--bursts", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(argv)
    bursts = 3 if given.quick else given.bursts
    with staged() as home:
        import os

        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
        from tests.acceptance import burst
        from tests.web.console import world
        from tests.web.console.browsing import Visitor, browser

        say_where()
        airline = world.build()
        burst.punctual_pack()
        token = burst.token_of(airline.staff["manager"])
        units = burst.plant_stations(bursts)
        with burst.served(home) as address, browser() as chromium:
            manager = Visitor(chromium, address, language="en", theme="light", size="desktop")
            manager.sign_in(airline.staff["manager"])
            manager.page.goto(f"{address}/monitor/board/")
            watched = manager.page.locator("#live:not(:has(.board-warning))")
            watched.wait_for(timeout=120_000)  # until the monitor has read what there is
            took = [burst.seen_after(manager.page, address, token, unit, name) for unit, name in units]
            manager.page.goto("about:blank")
            unchanged = _unchanged(address, manager)
            manager.context.close()
    took.sort()
    print(
        f"from accepted to seen, {len(took)} bursts of {burst.FLIGHTS} failures, lateness "
        f"{burst.LATENESS.total_seconds()} s: median {statistics.median(took):.2f} s, "
        f"slowest {took[-1]:.2f} s, within two seconds {sum(one <= 2 for one in took)} of {len(took)}"
    )
    print(f"a watching page, nothing changed: {unchanged * 1000:.1f} ms a look (median of {ASKED})")


def _unchanged(address: str, visitor: Any) -> float:
    """The median time of the answer that nothing has changed."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in visitor.context.cookies())
    import http.client
    import re
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)

    def ask(path: str) -> tuple[int, str]:
        connection.request("GET", path, headers={"Cookie": cookies})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    times, mark = [], ""
    while len(times) < ASKED:
        began = time.perf_counter()
        status, body = ask(f"/monitor/board/live/?mark={mark}")
        if status == http.client.NO_CONTENT:
            times.append(time.perf_counter() - began)
        else:
            found = re.search(r"mark=([0-9a-f]+)", body)
            assert found, status
            mark = found[1]
    return statistics.median(times)
