"""How good findings are, on streams small enough to be reckoned by hand: leads, false alarms, recall, and curves."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from amends.kernel.blueprint import load_shipped
from amends.monitor.backtest import JudgedBy, Trial
from amends.monitor.core.standard import Standards
from amends.monitor.core.threshold import Curve, suggested
from amends.monitor.core.trial_cost import prices_of
from amends.monitor.engines.duckdb import Monitor

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TOLD = {"id": "told", "forbids": {"type": "complaint"}}
PROMISE = {"id": "p", "opens": {"type": "a"}, "closes": {"type": "z"}, "due": {"after": "PT2H"}, "warn": "PT30M"}
Told = tuple[str, str, datetime, dict[str, Any]]


def standards(*ones: dict[str, Any]) -> Standards:
    return Standards.model_validate({"version": 1, "standards": list(ones)})


def table_of(told: list[Told], *, unit: str = "U") -> pa.Table:
    """As signals in the order of their times."""
    rows = [
        {"id": str(at), "source": "t", "type": kind, "subject": subject, "time": time, "unit": unit}
        | {"customer": data.get("who"), "data": json.dumps(data)}
        for at, (kind, subject, time, data) in enumerate(sorted(told, key=lambda one: one[2]))
    ]
    types = {"time": pa.timestamp("us", tz="UTC")}
    names = ("id", "source", "type", "subject", "time", "unit", "customer", "data")
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, types.get(name, pa.string())) for name in names]))


def tried(
    folder: Path, told: list[Told], *, in_force: dict[str, Any], draft: dict[str, Any], days: int, unit: str = "U"
) -> dict[str, Any]:
    """The result of trying a draft on these signals: type, subject, time, data; `who` of the data is the customer."""
    signals = table_of(told, unit=unit)
    beside = standards(TOLD, PROMISE) if in_force["id"] != "p" else standards(TOLD)
    by = JudgedBy(
        beside=beside,
        hearing=frozenset({"told"}),
        horizon=DAY,
        prices=prices_of(load_shipped("express").economics),
        currency="CNY",
    )
    end = START + days * DAY
    with Trial(folder, in_force=standards(in_force), draft=standards(draft), until=end, judged_by=by) as trial:
        half = signals.num_rows // 2
        trial.step(signals[:half], "1")
        trial.step(signals[half:], "2")
        return trial.finish(since=START)


def side(result: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = result["quality"]
    found: dict[str, Any] = one["sides"][name]
    return found


def deliveries() -> list[Told]:
    """Of 90 days: each day one kept 40 minutes early, one 10 minutes early, and one 3 hours late, told 4 hours on."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        for name, after in (("early", 80 * MINUTE), ("near", 110 * MINUTE), ("late", 5 * HOUR)):
            told += [("a", f"{name}{day}", begun, {}), ("z", f"{name}{day}", begun + after, {})]
        told.append(("complaint", f"late{day}", begun + 4 * HOUR, {}))
    return told


def test_warnings_of_a_promise_are_right_or_false_and_lead_by_so_much(tmp_path: Path) -> None:
    """Thirty minutes before, the near ones are warned of for nothing; in the draft fifty, the early ones too."""
    result = tried(tmp_path, deliveries(), in_force=PROMISE, draft={**PROMISE, "warn": "PT50M"}, days=90)
    now, then = side(result, "in_force"), side(result, "draft")
    assert [now["rates"][name] for name in ("alarms", "false", "events", "foreseen")] == [180, 90, 90, 90]
    assert [then["rates"][name] for name in ("alarms", "false", "events", "foreseen")] == [270, 180, 90, 90]
    assert then["rates"]["precision"][0] == pytest.approx(1 / 3)
    assert [now["leads"][to]["median"] for to in ("due", "breach", "complaint")] == [1800, 1800, 9000]
    assert [then["leads"][to]["median"] for to in ("due", "breach", "complaint")] == [3000, 3000, 10200]
    assert then["leads"]["complaint"]["number"] == 90


def test_costs_are_those_of_the_blueprint(tmp_path: Path) -> None:
    """2 minutes at 45 an hour and 0.05; (0.95 - 0.37) / 0.95 of 260 x 0.08 x 3."""
    prices = prices_of(load_shipped("express").economics)
    assert prices.intervention == Decimal("1.55")
    assert round(prices.averted, 4) == round(Decimal("0.58") / Decimal("0.95") * Decimal("62.4"), 4)
    result = tried(tmp_path, deliveries(), in_force=PROMISE, draft={**PROMISE, "warn": "PT50M"}, days=90)
    costs = side(result, "in_force")["costs"]
    assert (costs["false_alarms"], costs["missed"], costs["confidence"]) == ("139.50", "0.00", "low")
    assert Decimal(costs["averted"]) == (90 * prices.averted).quantize(Decimal("0.01"))


def test_the_warning_that_a_precision_asks_for_comes_from_the_same_run(tmp_path: Path) -> None:
    """Below ten minutes nothing is warned of for nothing; up to forty, half is."""
    result = tried(tmp_path, deliveries(), in_force=PROMISE, draft={**PROMISE, "warn": "PT50M"}, days=90)
    line = Curve.of(result["curves"][0])
    shares = {one.value / 60: one.hits["chosen"] / one.alarms["chosen"] for one in line.points}
    assert (shares[10], shares[15], shares[30]) == (1, 0.5, 0.5)
    assert shares[45] == pytest.approx(1 / 3)
    assert line.events == {"chosen": 60, "judged": 29}, "the one that straddles the boundary is in neither"
    assert suggested(line, 0.8).value == 600
    assert suggested(line, 0.5).value == 1800
    assert suggested(line, 0.5).state == "in_force"
    assert suggested(line, 0.2).value == 3000


def test_a_limit_is_right_if_trouble_follows_within_the_horizon(tmp_path: Path) -> None:
    """Each day 9 degrees and then a complaint, 8 degrees without one, and 5 degrees; the limit is 7."""
    told: list[Told] = []
    for day in range(90):
        for name, degrees in (("hot", 9), ("warm", 8), ("cold", 5)):
            told.append(("measured", f"{name}{day}", START + day * DAY, {"degrees": degrees}))
        told.append(("complaint", f"hot{day}", START + day * DAY + 3 * HOUR, {}))
    limit = {"id": "cool", "limits": {"type": "measured"}, "value": "data.degrees", "above": 7}
    result = tried(tmp_path, told, in_force=limit, draft={**limit, "above": 4}, days=90)
    now, then = side(result, "in_force")["rates"], side(result, "draft")["rates"]
    assert [now[name] for name in ("alarms", "false", "events", "foreseen")] == [180, 90, 90, 90]
    assert [then[name] for name in ("alarms", "false", "events", "foreseen")] == [270, 180, 90, 90]
    found = suggested(Curve.of(result["curves"][0]), 0.8)
    assert (found.state, found.value, found.held) == ("suggested", 8, True)


def test_silence_is_right_only_if_it_is_found_before_the_trouble(tmp_path: Path) -> None:
    """Each day one is silent for 5 hours and all is well, one for 30 hours and its customer complains after 20."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        told += [("scan", f"well{day}", begun, {}), ("scan", f"well{day}", begun + 5 * HOUR, {})]
        told += [("end", f"well{day}", begun + 6 * HOUR, {}), ("scan", f"lost{day}", begun, {})]
        told += [("complaint", f"lost{day}", begun + 20 * HOUR, {}), ("end", f"lost{day}", begun + 30 * HOUR, {})]
    silence = {"id": "s", "hears": {"types": ["scan"]}, "silent_for": "PT4H", "until": {"type": "end"}}
    result = tried(tmp_path, told, in_force=silence, draft={**silence, "silent_for": "PT22H"}, days=90)
    now, then = side(result, "in_force")["rates"], side(result, "draft")["rates"]
    assert (now["alarms"], now["hits"], now["foreseen"]) == (179, 90, 90), "what the last is worth is not known yet"
    assert (then["hits"], then["foreseen"]) == (0, 0), "after the complaint it is too late"
    found = suggested(Curve.of(result["curves"][0]), 0.8)
    assert found.state == "suggested"
    assert found.value is not None
    assert 5 * 3600 <= found.value < 20 * 3600


def test_a_rate_is_held_against_the_trouble_of_its_unit(tmp_path: Path) -> None:
    """Every third day half of all fail and a complaint follows; else one in ten."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        bad = 10 if day % 3 == 0 else 2
        told += [("done", f"{day}-{at}", begun + at * MINUTE, {"bad": int(at < bad)}) for at in range(20)]
        if day % 3 == 0:
            told.append(("complaint", f"{day}-0", begun + 30 * HOUR, {}))
    rate = {"id": "r", "rate": {"of": {"type": "done"}, "bad": "data.bad > 0"}, "window": "P1D", "chart": "p"}
    rate |= {"target": 0.1, "sigmas": 3}
    result = tried(tmp_path, told, in_force=rate, draft={**rate, "sigmas": 4}, days=90)
    assert side(result, "in_force")["rates"]["precision"][0] == 1
    line = Curve.of(result["curves"][0])
    assert (line.parameter, line.in_force, line.draft) == ("sigmas", 3, 4)
    assert {one.alarms["chosen"] for one in line.points if 0 < one.value < 5} == {20}


def test_of_repeated_trouble_the_curve_says_what_each_count_would_have_found(tmp_path: Path) -> None:
    """Each day one calls twice and all is well, one calls four times and complains, one calls once."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        calls = [("calm", 2), ("storm", 4), ("once", 1)]
        told += [("call", f"{name}{day}", begun + at * HOUR, {}) for name, many in calls for at in range(many)]
        told.append(("complaint", f"storm{day}", begun + 10 * HOUR, {}))
    repeat = {"id": "again", "repeats": {"type": "call"}, "by": "subject", "times": 2, "within": "P1D"}
    result = tried(tmp_path, told, in_force=repeat, draft={**repeat, "times": 3}, days=90)
    line = Curve.of(result["curves"][0])
    assert (line.parameter, line.is_count, line.in_force, line.draft) == ("times", True, 2, 3)
    chosen = {one.value: (one.alarms["chosen"], one.hits["chosen"]) for one in line.points}
    judged = {one.value: (one.alarms["judged"], one.hits["judged"]) for one in line.points}
    assert chosen == {2: (118, 59), 3: (59, 59), 4: (59, 59)}, "of sixty days, the last of which straddles the boundary"
    assert judged == {2: (57, 28), 3: (28, 28), 4: (28, 28)}, "what the last are worth is not known yet"
    # the same from runs of their own with each of these values
    now, then = side(result, "in_force")["rates"], side(result, "draft")["rates"]
    assert (now["hits"], then["hits"]) == (90, 90)
    assert (now["alarms"] - now["hits"], then["alarms"] - then["hits"]) == (89, 0)
    found = suggested(line, 0.8)
    assert (found.state, found.value, found.held) == ("suggested", 3, True)


def test_alarms_about_one_trouble_count_once_at_each_count(tmp_path: Path) -> None:
    """Calls come three at a time, days apart, before one complaint: each count is reached more than once."""
    told: list[Told] = []
    for week in range(30):
        begun = START + 7 * week * DAY
        told += [("call", f"s{week}", begun + hour * HOUR, {}) for hour in (0, 1, 2, 12, 13, 14)]
        told.append(("complaint", f"s{week}", begun + 20 * HOUR, {}))
    repeat = {"id": "again", "repeats": {"type": "call"}, "by": "subject", "times": 2, "within": "PT3H"}
    result = tried(tmp_path, told, in_force=repeat, draft={**repeat, "times": 3}, days=210)
    line = Curve.of(result["curves"][0])
    assert {one.value: one.alarms["chosen"] for one in line.points} == {2: 20, 3: 20}
    assert line.events["chosen"] == 20


def test_a_rating_is_right_if_trouble_follows(tmp_path: Path) -> None:
    """Each day a rating of 1 and then a complaint, one of 3 and one of 5 without."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        told += [("rated", f"{stars}-{day}", begun, {"stars": stars}) for stars in (1, 3, 5)]
        told.append(("complaint", f"1-{day}", begun + 3 * HOUR, {}))
    voice = {"id": "v", "voices": {"type": "rated"}, "rating": "data.stars", "at_most": 3}
    result = tried(tmp_path, told, in_force=voice, draft={**voice, "at_most": 2}, days=90)
    line = Curve.of(result["curves"][0])
    assert (line.parameter, line.rising, line.in_force, line.draft) == ("at_most", False, 3, 2)
    chosen = {one.value: (one.alarms["chosen"], one.hits["chosen"]) for one in line.points}
    assert chosen == {1: (60, 60), 2: (60, 60), 3: (120, 60), 5: (180, 60)}
    found = suggested(line, 0.8)
    assert (found.state, found.value, found.held) == ("suggested", 1, True)


def shop(goes: int, pauses: int) -> list[Told]:
    """For 30 weeks, each week one who buys daily for 5 days and is gone, and one who comes back after some days."""
    told: list[Told] = []
    for week in range(30):
        begun = START + 7 * week * DAY
        told += [("bought", f"{week}-{day}", begun + day * DAY, {"who": f"gone{week}"}) for day in range(goes)]
        back = [0, 1, 2, 3, 3 + pauses]
        told += [("bought", f"{week}-{day}b", begun + day * DAY, {"who": f"back{week}"}) for day in back]
    return told


def test_that_a_customer_stays_away_is_right_if_nothing_is_bought_until_the_end(tmp_path: Path) -> None:
    """Who buys daily is gone after the fifth day; who comes back had paused for four, and is gone after that too."""
    lapse = {"id": "l", "lapses": {"type": "bought"}, "after": 3, "factor": 2}
    result = tried(tmp_path, shop(5, 4), in_force=lapse, draft={**lapse, "factor": 5}, days=250)
    now, then = side(result, "in_force"), side(result, "draft")
    assert now["costs"] is None, "what it averts no figure tells"
    assert [now["rates"][name] for name in ("alarms", "hits", "events", "foreseen")] == [90, 60, 60, 60]
    assert [then["rates"][name] for name in ("alarms", "hits", "events", "foreseen")] == [60, 60, 60, 60]
    line = Curve.of(result["curves"][0])
    assert (line.parameter, line.rising, line.in_force, line.draft) == ("factor", True, 2, 5)
    judged = {one.value: (one.alarms["judged"], one.hits["judged"]) for one in line.points}
    assert (judged[3.5], judged[4]) == ((19, 13), (13, 13)), "the pause of four days is no longer than four gaps"
    found = suggested(line, 0.8)
    assert (found.state, found.value) == ("suggested", 4)


def test_who_is_never_away_for_longer_than_the_least_time_is_never_an_alarm(tmp_path: Path) -> None:
    lapse = {"id": "l", "lapses": {"type": "bought"}, "after": 3, "factor": 2, "at_least": "P5D"}
    result = tried(tmp_path, shop(5, 4), in_force=lapse, draft={**lapse, "factor": 3}, days=250)
    now, line = side(result, "in_force")["rates"], Curve.of(result["curves"][0])
    assert (now["alarms"], now["hits"]) == (60, 60)
    assert {one.alarms["chosen"] - one.hits["chosen"] for one in line.points} == {0}


def worse_for_a_while() -> list[Told]:
    """Of 90 days every ninth begins three bad ones, with a complaint on the fourth; else two in twenty fail."""
    told: list[Told] = []
    for day in range(90):
        begun = START + day * DAY
        bad = 5 if day % 9 < 3 else 2
        told += [("done", f"{day}-{at}", begun + at * MINUTE, {"bad": int(at < bad)}) for at in range(20)]
        if day % 9 == 3:
            told.append(("complaint", f"{day}-0", begun + 12 * HOUR, {}))
    return told


@pytest.mark.parametrize("decision", [1.0, 2.0, 4.0])
def test_the_sums_of_a_cusum_are_those_of_a_run_with_that_decision_interval(tmp_path: Path, decision: float) -> None:
    """The curve of a draft says of any value what a run with it finds."""
    rate = {"id": "r", "rate": {"of": {"type": "done"}, "bad": "data.bad > 0"}, "window": "P1D", "chart": "cusum"}
    rate |= {"target": 0.1, "slack": 0.5, "decision": 5}
    told = worse_for_a_while()
    line = Curve.of(tried(tmp_path / "a", told, in_force=rate, draft=rate | {"decision": 7}, days=90)["curves"][0])
    assert (line.parameter, line.in_force, line.draft) == ("decision", 5, 7)
    assert {one.value for one in line.points} >= {1.0, 2.0, 4.0, 5.0, 7.0}
    at = next(one for one in line.points if one.value == decision)
    with Monitor.open(None, standards(rate | {"decision": decision}), until=START + 90 * DAY, observing=True) as run:
        run.step(table_of(told))
        run.finish(START + 90 * DAY)
        out = run.points_since(0).to_pylist()
    middle = START + 60 * DAY
    alarms = [one for one in out if one["out"] and one["end"] + DAY <= middle]
    assert at.alarms["chosen"] == len(alarms) > 0
    complaints = [time for kind, _, time, _ in told if kind == "complaint"]
    hits = [one for one in alarms if any(one["end"] < time <= one["end"] + DAY for time in complaints)]
    assert at.hits["chosen"] == len(hits) > 0
    assert at.alarms["judged"] > 0


def always_a_little_worse(number: int, bad: int) -> list[Told]:
    """So many a day, so many of them bad, for 90 days, but for ten days of silence; each week a complaint."""
    told: list[Told] = []
    for day in (*range(25), *range(35, 90)):
        begun = START + day * DAY
        told += [("done", f"{day}-{at}", begun + at * MINUTE, {"bad": int(at < bad)}) for at in range(number)]
        if day % 7 == 3:
            told.append(("complaint", f"{day}-0", begun + 12 * HOUR, {}))
    return told


@pytest.mark.parametrize("decision", [1.0, 3.0, 5.0, 10.0])
@pytest.mark.parametrize(
    ("measured", "said", "told"),
    [
        ({"bad": "data.bad > 0"}, {"target": 0.1, "slack": 0.5}, always_a_little_worse(20, 3)),
        ({}, {"target": 1, "slack": 0}, always_a_little_worse(2, 0)),
    ],
    ids=["share", "count"],
)
def test_the_sums_of_a_cusum_look_back_as_far_as_those_of_a_run(
    tmp_path: Path, measured: dict[str, Any], said: dict[str, Any], told: list[Told], decision: float
) -> None:
    rate = {"id": "r", "rate": {"of": {"type": "done"}} | measured, "window": "P1D", "chart": "cusum"} | said
    draft = rate | {"decision": 7}
    line = Curve.of(tried(tmp_path / "a", told, in_force=rate, draft=draft, days=90)["curves"][0])
    at = next(one for one in line.points if one.value == decision)
    with Monitor.open(None, standards(rate | {"decision": decision}), until=START + 90 * DAY, observing=True) as run:
        run.step(table_of(told))
        run.finish(START + 90 * DAY)
        out = [one for one in run.points_since(0).to_pylist() if one["out"]]
    middle, last = START + 60 * DAY, START + 89 * DAY
    assert at.alarms["chosen"] == sum(one["end"] + DAY <= middle for one in out)
    assert at.alarms["judged"] == sum(middle < one["end"] <= last for one in out) > 0
