"""The airline's pack: what it says about cases that a person can check, and that it has an answer to every case."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import Playbook, load_shipped
from amends.kernel.blueprint.loading import PACKS, PARTS
from amends.kernel.blueprint.source import read
from amends.kernel.repairs import REPAIRS
from amends.kernel.rules import first_match
from amends.kernel.severity import SEVERITIES
from amends.kernel.taxonomy import Fact
from amends.monitor.core.assessment import severity_of
from amends.monitor.sources.flights.customers import VULNERABLE
from amends.monitor.sources.flights.passengers import CABINS, TIERS

AIRLINE = load_shipped("airline")
KINDS = sorted(AIRLINE.taxonomy.kinds)
DEMO_DAY, TODAY = date(2013, 1, 1), date(2026, 6, 1)


class Decided:
    """A failure taken through the pack: severity, attribution, playbook, actions and what is given."""

    def __init__(self, kind: str, day: date = DEMO_DAY, **facts: object) -> None:
        taxonomy = AIRLINE.taxonomy
        known = AIRLINE.completed(facts)
        self.kind = taxonomy.kinds[kind]
        severity = first_match(self.kind.severity, known)
        assert severity is not None
        attribution = first_match(self.kind.attribution, known)
        blamed = attribution.rule if attribution else self.kind
        self.severity, self.responsible = severity.rule.severity, blamed.responsible
        known |= {"kind": kind, "severity": self.severity, "loss": self.kind.loss}
        known |= {"responsible": blamed.responsible, "controllable": blamed.controllable, "stable": blamed.stable}
        playbook = AIRLINE.playbook_for(kind, known)
        self.playbook: Playbook = playbook.rule
        self.actions = [act for act in self.playbook.actions if act.when is None or act.when.holds(known)]
        self.texts = [severity.rule.reason.filled(known), blamed.reason.filled(known)]
        self.texts += [action.reason.filled(known) for action in self.actions]
        happened = first_match(self.kind.what_happened, known)
        assert happened is not None
        self.texts.append(happened.rule.text.filled({**known, "subject": "UA 1545"}))
        self.given: dict[str, Decimal] = {}
        for action in self.actions:
            if action.tariff is not None:
                rows = AIRLINE.tariff_in_force(action.tariff, day).rows
                # a share of a fact that is missing never matches
                row = first_match([row for row in rows if known.get(row.percent_of or "kind") is not None], known)
                if row is not None:
                    self.texts.append(row.rule.reason.filled(known))
                    self.given[action.tariff] = _worth(row.rule, known)

    @property
    def done(self) -> set[str]:
        return {action.id for action in self.actions}


def _worth(row: Any, facts: dict[str, Any]) -> Decimal:
    if row.amount is not None:
        return row.amount
    share = Decimal(str(facts[row.percent_of])) * row.percent / 100
    return min(max(share, row.at_least or share), row.at_most or share)


def value_of(fact: Fact) -> st.SearchStrategy[object]:
    if fact.type == "boolean":
        return st.booleans()
    if fact.type == "text":
        return st.sampled_from(sorted(fact.values)) if fact.values else st.text(max_size=6)
    return st.one_of(st.integers(0, 6000), st.floats(0, 6000))


# each fact is there or not, and may be None as it comes from a row
any_facts = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(st.none(), value_of(fact)) for name, fact in AIRLINE.taxonomy.facts.items() if not fact.derived
    },
)


@given(st.sampled_from(KINDS), any_facts, st.sampled_from([DEMO_DAY, TODAY]))
def test_whatever_the_facts_there_is_a_severity_a_plan_and_reasons_in_both_languages(
    kind: str, facts: dict[str, object], day: date
) -> None:
    decided = Decided(kind, day, **facts)
    assert decided.severity in SEVERITIES
    assert decided.actions
    for text in decided.texts:
        assert "{" not in text.en + text.zh
        assert "None" not in text.en + text.zh
    assert all(amount >= 0 for amount in decided.given.values())


@given(st.sampled_from(["slow", "late_arrival", "unavailable", "diversion", "missed_connection"]), any_facts)
def test_no_compensation_is_paid_for_what_could_not_be_controlled(kind: str, facts: dict[str, object]) -> None:
    decided = Decided(kind, **facts)
    paid = {"delay-compensation", "cancellation-compensation", "delay-gesture"}
    if decided.responsible == "external":
        assert not any(decided.given.get(tariff) for tariff in paid)


@given(any_facts, st.integers(0, 900), st.integers(0, 900))
def test_a_longer_delay_is_never_less_severe(facts: dict[str, object], a: int, b: int) -> None:
    shorter, longer = sorted((a, b))
    grades = [SEVERITIES[Decided("slow", **{**facts, "minutes_late": late}).severity] for late in (shorter, longer)]
    assert grades == sorted(grades)


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"minutes_late": 20}, "light"),
        ({"minutes_late": 59.9}, "light"),
        ({"minutes_late": 60}, "moderate"),
        ({"minutes_late": 179}, "moderate"),
        ({"minutes_late": 180}, "severe"),
        ({"minutes_late": 30, "vulnerable": True}, "moderate"),
        ({"minutes_late": 120, "vulnerable": True}, "severe"),
        ({"minutes_late": 50, "layover_minutes": 45}, "severe"),
        ({"minutes_late": 40, "layover_minutes": 45}, "light"),
        ({"never": True}, "severe"),
        ({}, "light"),
    ],
)
def test_the_severity_of_a_delay(facts: dict[str, object], severity: str) -> None:
    assert Decided("slow", **facts).severity == severity


@given(any_facts)
def test_a_late_arrival_is_judged_and_made_good_like_a_late_departure(facts: dict[str, object]) -> None:
    left, arrived = Decided("slow", **facts), Decided("late_arrival", **facts)
    assert (arrived.severity, arrived.responsible) == (left.severity, left.responsible)
    assert (arrived.playbook.id, arrived.done, arrived.given) == (left.playbook.id, left.done, left.given)


@pytest.mark.parametrize(("standard", "step"), [("depart-on-time", "departure"), ("arrive-on-time", "arrival")])
def test_each_promise_of_punctuality_is_broken_in_its_own_step(standard: str, step: str) -> None:
    (failure,) = [one.failure for one in AIRLINE.standards if one.id == standard]
    assert AIRLINE.taxonomy.kinds[failure].step == step


@pytest.mark.parametrize(
    ("weather", "responsible"),
    [
        ({}, "process"),
        ({"weather_visibility_miles": 1.0, "weather_wind_mph": 30.9, "weather_gust_mph": 45.9}, "process"),
        ({"weather_precipitation_inches": 0.3}, "process"),
        ({"weather_visibility_miles": 0.5}, "external"),
        ({"weather_gust_mph": 46.0}, "external"),
        ({"weather_wind_mph": 31.0}, "external"),
        ({"weather_precipitation_inches": 0.31}, "external"),
    ],
)
def test_only_weather_beyond_the_thresholds_excuses_a_delay(weather: dict[str, object], responsible: str) -> None:
    assert Decided("slow", minutes_late=200, **weather).responsible == responsible


def test_the_evidence_is_in_the_reason() -> None:
    texts = Decided("slow", minutes_late=200, weather_gust_mph=57.5).texts
    assert any("57.5 miles an hour" in text.en and "57.5英里" in text.zh for text in texts)


def test_a_delay_in_bad_weather_brings_care_and_no_compensation() -> None:
    decided = Decided("slow", minutes_late=300, distance_km=2000, fare=200, weather_gust_mph=60)
    assert decided.playbook.id == "outside-cause"
    assert decided.given == {"meal-voucher": 30}


def test_a_long_delay_of_ours_brings_apology_explanation_meal_and_compensation() -> None:
    decided = Decided("slow", minutes_late=200, distance_km=2000, tier="gold")
    assert decided.done == {"apology", "meal", "explanation", "compensation", "progress", "ask-after"}
    assert decided.given == {"meal-voucher": 15, "delay-compensation": 400}


def test_whoever_misses_a_connection_is_rebooked() -> None:
    assert "rebook" in Decided("slow", minutes_late=50, layover_minutes=45, distance_km=900).done


@pytest.mark.parametrize("kind", ["slow", "late_arrival", "unavailable"])
@pytest.mark.parametrize(
    "person", [{}, {"vulnerable": True}, {"layover_minutes": 60}, {"vulnerable": True, "layover_minutes": 60}]
)
@pytest.mark.parametrize("weather", [{}, {"weather_gust_mph": 60}])
def test_whoever_did_not_fly_is_either_rebooked_or_refunded(
    kind: str, person: dict[str, object], weather: dict[str, object]
) -> None:
    decided = Decided(kind, cancelled=True, never=True, fare=300, distance_km=1000, **person, **weather)
    assert len(decided.done & {"rebook", "refund"}) == 1
    assert ("refund" in decided.done) == (decided.given.get("fare-refund") == 300)


def test_those_who_need_special_care_are_called() -> None:
    decided = Decided("unavailable", vulnerable=True, distance_km=500)
    assert {"call-now", "call-after"} <= decided.done
    assert "ask-after" not in decided.done


def test_short_delays_are_answered_for_all_at_once() -> None:
    decided = Decided("slow", minutes_late=20)
    assert (decided.playbook.id, decided.playbook.strategy, decided.done) == ("journey-light", "systematic", {"notice"})


def test_hurt_dignity_is_answered_by_a_supervisor_and_the_employee_is_supported() -> None:
    decided = Decided("rude_staff", vulnerable=True)
    performers = {action.kind: action.performer for action in decided.actions}
    assert performers["call"] == performers["employee_support"] == "supervisor"


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ({"minutes_late": 179, "distance_km": 1000}, 0),
        ({"minutes_late": 180, "distance_km": 1500}, 250),
        ({"minutes_late": 180, "distance_km": 1501}, 400),
        ({"minutes_late": 180, "distance_km": 3500}, 400),
        ({"minutes_late": 239, "distance_km": 3501}, 300),
        ({"minutes_late": 240, "distance_km": 3501}, 600),
        ({"minutes_late": 240, "distance_km": 5000, "intra_eu": True}, 400),
        ({"minutes_late": 240, "distance_km": 1000, "responsible": "external", "controllable": False}, 0),
    ],
)
def test_the_european_table(facts: dict[str, object], amount: int) -> None:
    row = first_match(AIRLINE.tariff_in_force("eu261", TODAY).rows, {"kind": "slow", **facts})
    assert row is not None
    assert row.rule.amount == amount


@pytest.mark.parametrize(
    ("day", "facts", "amount"),
    [
        (DEMO_DAY, {"minutes_late": 90, "fare": 200, "domestic": True}, 400),
        (DEMO_DAY, {"minutes_late": 90, "fare": 900, "domestic": True}, 650),
        (DEMO_DAY, {"minutes_late": 300, "fare": 900, "domestic": True}, 1300),
        (TODAY, {"minutes_late": 300, "fare": 900, "domestic": True}, 2150),
        (TODAY, {"minutes_late": 180, "fare": 900, "domestic": False}, 1075),
        (TODAY, {"minutes_late": 59, "fare": 900, "domestic": True}, 0),
    ],
)
def test_denied_boarding_follows_the_law_of_the_day(day: date, facts: dict[str, object], amount: int) -> None:
    assert Decided("denied_boarding", day, **facts).given["denied-boarding"] == amount


def test_usual_sums_are_within_automatic_authority_and_unusual_ones_wait_for_the_right_level() -> None:
    def enough(total: Decimal) -> str:
        return next(
            level.id for level in AIRLINE.authority if level.role != "quality_owner" and total <= level.per_case
        )

    totals = [
        sum(Decided("slow", minutes_late=300, distance_km=4000).given.values()),
        sum(Decided("unavailable", distance_km=4000, fare=300).given.values()),
        sum(Decided("unavailable", distance_km=4000, fare=800).given.values()),
        sum(Decided("baggage_lost", loss_amount=3000).given.values()),
    ]
    assert [enough(Decimal(total)) for total in totals] == ["automatic", "supervisor", "manager", "executive"]


@pytest.mark.parametrize(
    ("kind", "letter"),
    [("baggage_delayed", "baggage-search"), ("baggage_lost", "baggage-search"), ("baggage_damaged", "baggage-damaged")],
)
def test_nobody_is_told_that_a_damaged_bag_is_being_looked_for(kind: str, letter: str) -> None:
    actions = Decided(kind, loss_amount=900).actions
    assert [action.template for action in actions if action.kind == "apology"] == [letter]


def test_the_taxonomy_covers_the_groups_of_the_field() -> None:
    kinds = AIRLINE.taxonomy.kinds.values()
    assert {kind.bitner for kind in kinds} == {"delivery_system", "customer_need", "employee_act"}
    assert {kind.loss for kind in kinds} == {"outcome", "process"}
    assert {kind.gap for kind in kinds} == {"knowledge", "standards", "delivery", "communication", "perception"}
    assert {kind.step for kind in kinds} <= set(AIRLINE.taxonomy.steps)


def _texts(node: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict) and set(node) == {"en", "zh"} and isinstance(node["en"], str):
        yield path, node["en"], node["zh"]
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield from _texts(inner, f"{path}.{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _texts(inner, f"{path}[{index}]")


HAN = "\u4e00-\u9fff"


def _is_sound(path: str, en: str, zh: str) -> bool:
    sentences = en.endswith((".", "?")), zh.endswith(("。", "？"))  # both or neither, except in letters
    return (
        not re.search(f"[{HAN}，。：；！？]", en)
        and bool(re.search(f"[{HAN}]", zh))
        and not re.search(f"[{HAN}][,;:!?]|[{HAN}]\\.(\\s|$)", zh)  # half-width punctuation after a Chinese word
        and (path.endswith(".body") or sentences[0] == sentences[1])
    )


def test_each_text_is_in_its_own_language_with_its_own_punctuation() -> None:
    texts = list(_texts(AIRLINE.content()))
    assert len(texts) > 300
    assert [text for text in texts if not _is_sound(*text)] == []


def test_what_customers_say_is_listened_for_in_both_languages() -> None:
    for heard in AIRLINE.taxonomy.words:
        assert not [phrase for phrase in heard.phrases.en if re.search(f"[{HAN}]", phrase)]
        assert [phrase for phrase in heard.phrases.zh if not re.search(f"[{HAN}]|^\\d+$", phrase)] == []


def test_every_kind_of_failure_says_what_it_hurts_and_whatever_goes_out_has_a_letter() -> None:
    assert [kind.id for kind in AIRLINE.taxonomy.kinds.values() if not kind.hurts] == []
    letters = {repair.id for repair in REPAIRS.values() if repair.channel == "outbox"}
    assert letters <= set(AIRLINE.repairs)


def test_no_default_of_a_locale_is_in_use_unless_it_is_chosen() -> None:
    assert AIRLINE.locale_defaults
    assert AIRLINE.cases.locale_defaults == ()
    assert AIRLINE.locale_default_for("zh-CN") is None


@pytest.mark.parametrize(
    "unsound",
    [
        ("x", "Late 晚点.", "晚点。"),
        ("x", "Late.", "late。"),
        ("x", "Late, too.", "晚点,又晚。"),
        ("x", "Late.", "晚点"),
    ],
)
def test_texts_in_the_wrong_language_or_punctuation_are_noticed(unsound: tuple[str, str, str]) -> None:
    assert not _is_sound(*unsound)


@pytest.mark.parametrize(
    ("fact", "made"),
    [("tier", [name for name, _, _ in TIERS]), ("cabin", CABINS.tolist()), ("vulnerable_reason", list(VULNERABLE))],
)
def test_whatever_the_demos_passengers_are_has_words(fact: str, made: list[str]) -> None:
    assert set(made) <= set(AIRLINE.taxonomy.facts[fact].values or ())


@pytest.mark.parametrize("part", PARTS)
def test_the_files_pass_the_published_schemas(part: str) -> None:
    schema = json.loads((PACKS / "schemas" / f"{part}.json").read_text(encoding="utf-8"))
    data = json.loads(json.dumps(read(PACKS / "airline" / f"{part}.yaml").data, default=str))
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(data)] == []


def test_what_the_customer_lost_is_said_as_money_in_both_languages() -> None:
    kind = AIRLINE.taxonomy.kinds["baggage_damaged"]
    _, why = severity_of(kind, AIRLINE.completed({"kind": "baggage_damaged", "loss_amount": 1612.5}))
    assert "$1,612.50" in why.text.en
    assert "1,612.50美元" in why.text.zh
    assert "$$" not in why.text.en
    assert why.inputs == {"loss_amount": 1612.5}


def test_a_sum_in_the_packs_sentences_brings_its_own_currency() -> None:
    texts = [rule.reason for kind in AIRLINE.taxonomy.kinds.values() for rule in (*kind.severity, *kind.attribution)]
    texts += [row.reason for tariff in AIRLINE.tariffs for row in tariff.rows]
    sums = {name for name, fact in AIRLINE.taxonomy.facts.items() if fact.unit == "currency"}
    told = [text for text in texts if text.places & sums]
    assert told
    for text in told:
        assert not re.search(r"(\$|USD ?)\{", text.en)
        assert "}美元" not in text.zh
