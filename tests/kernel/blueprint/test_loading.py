"""Broken packs: each mistake is told with file, line and field, and all of them at once."""

from typing import Any

import pytest

from amends.kernel.blueprint import BlueprintErrors, Problem, load, load_shipped, shipped


def problems_of(pack: Any) -> list[Problem]:
    with pytest.raises(BlueprintErrors) as caught:
        load(pack.folder)
    return caught.value.problems


def test_a_pack_of_another_industry_loads(pack: Any) -> None:
    assert load(pack.folder).taxonomy.kinds["waiting"].id == "waiting"


# A row: the file, what in it is replaced by what, the field that is named, words of the message, and a text on the line
# that is named (empty: the line of what was replaced).
# what one file can have wrong by itself
SHAPE = [
    (
        "taxonomy.yaml",
        "    gap: delivery",
        "    gap: delivery\n    colour: red",
        "kinds.waiting.colour",
        "unknown field",
        "colour: red",
    ),
    ("taxonomy.yaml", "    step: chair", "    stp: chair", "kinds.waiting.stp", "did you mean step?", "stp: chair"),
    # nothing of this file is like it; what other files have is no help
    ("taxonomy.yaml", "    step: chair", "    opns: chair", "kinds.waiting.opns", "take it out", "opns: chair"),
    ("taxonomy.yaml", "    step: chair\n", "", "kinds.waiting.step", "is missing", "  waiting:"),
    ("taxonomy.yaml", "loss: process", "loss: sorrow", "kinds.waiting.loss", "'outcome' or 'process'", ""),
    ("taxonomy.yaml", "{en: Long wait, zh: 等候过久}", "{en: Long wait}", "kinds.waiting.name.zh", "is missing", ""),
    (
        "taxonomy.yaml",
        "{en: Long wait, zh: 等候过久}",
        '{en: Long wait, zh: ""}',
        "kinds.waiting.name.zh",
        "at least 1",
        "",
    ),
    ("taxonomy.yaml", "{en: Long wait, zh: 等候过久}", "Long wait", "kinds.waiting.name", "give both languages", ""),
    (
        "taxonomy.yaml",
        "{en: It was short., zh",
        "{en: It, was short., zh",
        "kinds.waiting.severity[1].reason.was short.",
        "comma",
        "",
    ),
    (
        "taxonomy.yaml",
        "{minutes_waiting: {gt: $patience}}",
        "{minutes_waiting: {above: 3}}",
        "facts.lost_patience.derived.minutes_waiting.above",
        "'above' is no comparison",
        "",
    ),
    (
        "taxonomy.yaml",
        '"{subject}: a wait."',
        '"{subject: a wait."',
        "kinds.waiting.what_happened[1].text",
        "brace",
        "",
    ),
    ("standards.yaml", "plus: PT10M", "plus: 10 minutes", "standards[0].due.plus", "no duration", ""),
    ("standards.yaml", "lateness: PT1M", "lateness: P1M", "lateness", "no fixed length", ""),
    ("standards.yaml", 'by: "10:00"', "by: 10:00", "standards[1].due.by", "in quotes", ""),
    ("standards.yaml", "data.at,", "at,", "standards[0].due.at", "pattern", ""),
    (
        "playbooks.yaml",
        "performer: automatic",
        "performer: robot",
        "playbooks[0].actions[1].performer",
        "'front_line'",
        "",
    ),
    (
        "playbooks.yaml",
        "when: {severity: severe}",
        "when: {}",
        "playbooks[0].actions[1].when",
        "a condition is a mapping",
        "",
    ),
    ("tariffs.yaml", "2025-12-31", "2025-12-32", "tariffs[0].effective_to", "date", ""),
    ("tariffs.yaml", "percent: 50", "percent: half", "tariffs[0].rows[0].percent", "decimal", ""),
    ("calendars.yaml", "tue-sun", "tue-sonntag", "calendars.shop.week", "no weekday", ""),
    ("blueprint.yaml", "currency: CNY", "currency: RMB", "currency", "no currency of ISO 4217", ""),
    ("blueprint.yaml", 'version: "1"', "version: 1", "version", "a number or a date goes in quotes", ""),
    ("authority.yaml", "per_case: 500", "per_case: -500", "levels[2].per_case", "greater than or equal", ""),
    ("economics.yaml", "yearly_value: {value: 600", "yearly_value: {value: lots", "yearly_value.value", "decimal", ""),
]

# what the parts can have wrong between them
BETWEEN = [
    ("blueprint.yaml", "calendar: shop", "calendar: shopp", "calendar", "no calendar 'shopp'", ""),
    ("taxonomy.yaml", "    step: chair", "    step: sofa", "kinds.waiting.step", "no step 'sofa'", ""),
    (
        "taxonomy.yaml",
        "{lost_patience: true}",
        "{lost_patients: true}",
        "kinds.waiting.severity[0].when",
        "no fact 'lost_patients'",
        "",
    ),
    ("taxonomy.yaml", "{lost_patience: true}", "{lost_patience: 3}", "kinds.waiting.severity[0].when", "never 3", ""),
    (
        "taxonomy.yaml",
        "{length: long}",
        "{length: longer}",
        "kinds.waiting.attribution[0].when",
        "it is short, long",
        "",
    ),
    (
        "taxonomy.yaml",
        "{length: long}",
        "{length: {gt: long}}",
        "kinds.waiting.attribution[0].when",
        "no more and less",
        "",
    ),
    ("taxonomy.yaml", "{gt: $patience}", "{gt: $length}", "facts.lost_patience.derived", "facts of one type", ""),
    (
        "taxonomy.yaml",
        "{en: It was short., zh",
        '{en: "{price}", zh',
        "kinds.waiting.severity[1].reason.en",
        "{price} may be missing",
        "",
    ),
    (
        "taxonomy.yaml",
        "      - severity: light",
        "      - when: {price: 1}\n        severity: light",
        "kinds.waiting.severity[1]",
        "none would match",
        "",
    ),
    (
        "taxonomy.yaml",
        "      - when: {lost_patience: true}\n        severity",
        "      - severity",
        "kinds.waiting.severity[0]",
        "never reached",
        "",
    ),
    (
        "taxonomy.yaml",
        "{en: price, zh: 价格}, type: number}",
        "{en: price, zh: 价格}, type: number, values: {a: {en: a, zh: 甲}}}",
        "facts.price.values",
        "only a text",
        "",
    ),
    ("taxonomy.yaml", "  price:", "  severity:", "facts.severity", "cannot be the name of a fact", ""),
    ("taxonomy.yaml", "facts:", "price: fare\nfacts:", "price", "there is no sum 'fare'", ""),
    ("taxonomy.yaml", "facts:", "lost: price\nfacts:", "lost", "there is no sum 'price'", ""),
    ("standards.yaml", "next-morning", "on-the-chair", "standards[1].id", "taken already", ""),
    ("standards.yaml", "    closes: {type: visit.seated}\n", "", "standards[0]", "`closes` is missing", "  - id: on"),
    ("standards.yaml", "plus: PT10M}", "after: PT10M}", "standards[0].due", "none of the three forms", ""),
    ("standards.yaml", "calendar: shop, cutoff", "cutoff", "standards[1].due", "none of the three forms", ""),
    ("standards.yaml", "calendar: shop", "calendar: moon", "standards[1].due.calendar", "no calendar 'moon'", ""),
    (
        "standards.yaml",
        "    closes: {type: visit.seated}",
        "    closes: {type: visit.seated}\n    forbids: {type: visit.x}",
        "standards[0].opens",
        "does not go with `forbids`",
        "    opens: {type: visit",
    ),
    (
        "playbooks.yaml",
        "kinds: [waiting]",
        "kinds: [waiting, burning]",
        "playbooks[0].kinds[1]",
        "no kind 'burning'",
        "",
    ),
    (
        "playbooks.yaml",
        "template: gift",
        "template: gifts",
        "playbooks[0].actions[1].template",
        "no template 'gifts'",
        "",
    ),
    (
        "playbooks.yaml",
        "tariff: discount",
        "tariff: discounts",
        "playbooks[0].actions[1].tariff",
        "no tariff 'discounts'",
        "",
    ),
    (
        "playbooks.yaml",
        "{within: PT5M, calendar: shop}",
        "{within: PT5M, calendar: pub}",
        "playbooks[0].actions[0].due.calendar",
        "no calendar 'pub'",
        "",
    ),
    (
        "playbooks.yaml",
        "calendar: shop, owner",
        "calendar: pub, owner",
        "playbooks[0].clocks.acknowledge.calendar",
        "no calendar 'pub'",
        "",
    ),
    (
        "playbooks.yaml",
        "performer: automatic",
        "performer: executive",
        "playbooks[0].actions[1].performer",
        "no level of authority",
        "",
    ),
    (
        "playbooks.yaml",
        "performer: automatic",
        "performer: front_line",
        "playbooks[0].actions[1].performer",
        "may not do compensation",
        "",
    ),
    ("playbooks.yaml", "channel: outbox", "channel: phone", "playbooks[0].actions[1].channel", "nobody calls", ""),
    ("playbooks.yaml", "channel: outbox", "channel: sms", "playbooks[0].actions[1].channel", "no short text", ""),
    (
        "templates.yaml",
        "    subject: {en: For you",
        "    text: {en: 'Dear {name}, {cause}', zh: '{name}，您好'}\n    subject: {en: For you",
        "templates.gift.text.en",
        "{cause} is not declared",
        "    text: ",
    ),
    (
        "templates.yaml",
        "    subject: {en: For you",
        f"    text: {{en: Less today, zh: {'好' * 202}}}\n    subject: {{en: For you",
        "templates.gift.text.zh",
        "takes 4 segments (UCS-2)",
        "    text: ",
    ),
    ("playbooks.yaml", "id: discount", "id: sorry", "playbooks[0].actions[1].id", "taken already", ""),
    (
        "playbooks.yaml",
        "        tariff: discount\n",
        "",
        "playbooks[0].actions[1]",
        "without a tariff",
        "      - id: discount",
    ),
    (
        "playbooks.yaml",
        "        template: gift\n",
        "",
        "playbooks[0].actions[1]",
        "without a template",
        "      - id: discount",
    ),
    (
        "playbooks.yaml",
        "    strategy:",
        "    when: {regular: true}\n    strategy:",
        "playbooks",
        "no playbook is sure to apply to waiting when it is light",
        "playbooks:",
    ),
    (
        "playbooks.yaml",
        "when: {severity: severe}",
        "when: {severity: awful}",
        "playbooks[0].actions[1].when",
        "it is light, moderate, severe",
        "",
    ),
    (
        "tariffs.yaml",
        "2025-12-31",
        "2026-01-01",
        "tariffs[1].effective_from",
        "overlaps the discount in force from 2025-01-01",
        "effective_from: 2026-01-01",
    ),
    (
        "tariffs.yaml",
        "    effective_to: 2025-12-31\n",
        "",
        "tariffs[1].effective_from",
        "overlaps",
        "effective_from: 2026-01-01",
    ),
    ("tariffs.yaml", "2025-12-31", "2024-12-31", "tariffs[0].effective_to", "is before effective_from", ""),
    (
        "tariffs.yaml",
        "percent_of: price",
        "percent_of: prize",
        "tariffs[0].rows[0].percent_of",
        "no number 'prize'",
        "",
    ),
    (
        "tariffs.yaml",
        "        percent: 50\n",
        "",
        "tariffs[0].rows[0]",
        "neither a fixed amount nor a share",
        "      - when: {minutes",
    ),
    ("tariffs.yaml", "at_most: 100", "at_most: 5", "tariffs[0].rows[0].at_most", "less than at_least", ""),
    (
        "templates.yaml",
        "variables: [name, amount]",
        "variables: [name, amount, horoscope]",
        "templates.gift.variables",
        "no variable 'horoscope'",
        "",
    ),
    (
        "templates.yaml",
        "variables: [name, amount]",
        "variables: [name, amount, link]",
        "templates.gift.variables",
        "'link' is never used",
        "",
    ),
    (
        "templates.yaml",
        "减免{amount}",
        "减免{amount}，见{link}",
        "templates.gift.body.zh",
        "{link} is not declared",
        "",
    ),
    (
        "playbooks.yaml",
        "        due: {within: PT10M}",
        "        template: gift\n        due: {within: PT10M}",
        "playbooks[0].actions[2].template",
        "gift speaks of {amount}, which word has not",
        "",
    ),
    (
        "calendars.yaml",
        "  shop:",
        '  always: {tz: UTC, week: {mon: ["00:00-01:00"]}}\n  shop:',
        "calendars.always",
        "built in",
        "",
    ),
    ("authority.yaml", "per_case: 500", "per_case: 5", "levels[2].per_case", "less than that of barber", ""),
    ("authority.yaml", "role: manager", "role: front_line", "levels[2].role", "has a level already", ""),
    ("authority.yaml", "approves: true", "approves: false", "levels[2].approves", "has to approve", ""),
    (
        "economics.yaml",
        "  apology: {value: 2, unit: minutes, source: own, confidence: low}\n",
        "",
        "handling_minutes",
        "no handling time for apology",
        "handling_minutes:",
    ),
    ("economics.yaml", "loss_from: 0,", "loss_from: 5,", "loyalty.rows", "does not rise from 0", "  rows:"),
    (
        "economics.yaml",
        "    - {factor: 10}",
        "    - {within: PT2H, factor: 10}",
        "delay_cost.points",
        "without `within`",
        "  points:",
    ),
]


@pytest.mark.parametrize("row", SHAPE + BETWEEN, ids=lambda row: f"{row[3]}: {row[4]}")
def test_a_mistake_is_told_with_file_line_and_field(pack: Any, row: tuple[str, str, str, str, str, str]) -> None:
    file, old, new, field, says, at = row
    line = pack.change(file, old, new)
    found = [p for p in problems_of(pack) if p.field == field and says in f"{p.message} ({p.remedy})"]
    assert len(found) == 1, problems_of(pack)
    (problem,) = found
    assert problem.file.endswith(f"barber/{file}")
    assert problem.line == (pack.line_of(file, at) if at else line)
    assert str(problem).startswith(f"{problem.file}:{problem.line}: {field}: ")


def test_mistakes_of_all_files_are_told_at_once_in_order(pack: Any) -> None:
    pack.change("tariffs.yaml", "percent: 50", "percent: half")
    pack.change("taxonomy.yaml", "gap: delivery", "gap: wide")
    pack.change("taxonomy.yaml", "loss: process", "loss: sorrow")
    pack.change("templates.yaml", "{en: For you, zh: 一点心意}", "For you")
    assert [problem.field for problem in problems_of(pack)] == [
        "kinds.waiting.loss",
        "kinds.waiting.gap",
        "tariffs[0].rows[0].percent",
        "templates.gift.subject",
    ]


def test_mistakes_between_parts_are_told_at_once(pack: Any) -> None:
    pack.change("playbooks.yaml", "template: gift", "template: gifts")
    pack.change("blueprint.yaml", "calendar: shop", "calendar: moon")
    assert [problem.field for problem in problems_of(pack)] == ["calendar", "playbooks[0].actions[1].template"]


def test_a_key_that_comes_twice_is_told_with_both_lines(pack: Any) -> None:
    line = pack.change("taxonomy.yaml", "  patience:", "  price:")
    (problem,) = [problem for problem in problems_of(pack) if problem.field == "facts.price"]
    assert problem.line == line + 1
    assert problem.message == f"comes twice, first on line {line}"


@pytest.mark.parametrize("broken", ["x: [1, 2", "  a: b: c", "\tx: 1", 'x: "open', "x: *nowhere"])
def test_what_is_no_yaml_is_told_with_its_line(pack: Any, broken: str) -> None:
    pack.change("calendars.yaml", "calendars:", f"first: 1\n{broken}\ncalendars:")
    (problem,) = problems_of(pack)
    assert problem.message.startswith("no YAML: ")
    assert problem.line is not None
    assert 2 <= problem.line <= 5


def test_an_impossible_date_is_told_with_its_line(pack: Any) -> None:
    line = pack.change("calendars.yaml", "2026-02-17", "2026-02-30")
    (problem,) = problems_of(pack)
    assert (problem.line, problem.field) == (line, "calendars.shop.holidays[0]")


def test_a_missing_file_is_told(pack: Any) -> None:
    (pack.folder / "tariffs.yaml").unlink()
    (problem,) = problems_of(pack)
    assert problem.file.endswith("tariffs.yaml")
    assert problem.message == "the file is missing"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"# only words\n", "empty"),
        (b"\xff\xfe\x00", "read"),
        (b"\x00", "YAML"),
        (b"[1]", "dictionary"),
    ],
)
def test_a_file_of_something_else_is_told(pack: Any, content: bytes, says: str) -> None:
    (pack.folder / "tariffs.yaml").write_bytes(content)
    (problem,) = problems_of(pack)
    assert says in problem.message


def test_anchors_may_be_used_and_may_not_run_away(pack: Any) -> None:
    pack.change("economics.yaml", "wage_per_hour: {", "wage_per_hour: &own {")
    pack.change("economics.yaml", "{value: 0.1, unit: CNY, source: own, confidence: low}", "*own")
    assert load(pack.folder).economics.message_cost.value == 40
    pack.change("economics.yaml", "{value: 3, unit: years, source: own, confidence: low}", "&self [*self]")
    (problem,) = problems_of(pack)
    assert "without end" in problem.message


def test_anchors_that_multiply_are_stopped(pack: Any) -> None:
    bomb = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    (pack.folder / "tariffs.yaml").write_text(bomb)
    (problem,) = problems_of(pack)
    assert "without end" in problem.message


def test_words_such_as_on_and_no_are_keys_like_any_other(pack: Any) -> None:
    pack.change("taxonomy.yaml", "  patience:", "  on:")
    pack.change("taxonomy.yaml", "$patience", "$on")
    assert "on" in load(pack.folder).taxonomy.facts


def test_shipped_packs_are_found_by_name() -> None:
    assert "airline" in shipped()
    assert load_shipped("airline").id == "airline"
    with pytest.raises(LookupError, match="no blueprint 'zeppelin' is shipped; there are airline"):
        load_shipped("zeppelin")


def test_a_list_whose_only_entry_is_wrong_is_not_called_empty_too(pack: Any) -> None:
    pack.change("tariffs.yaml", "amount: 15", "amount: fifteen")
    assert [problem.field for problem in problems_of(pack)] == ["tariffs[1].rows[0].amount"]
