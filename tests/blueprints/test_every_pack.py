"""What holds of every pack that comes with us, whatever the industry: an answer to every case, in sound words."""

import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.loading import OPTIONAL, PACKS, PARTS, shipped
from amends.kernel.blueprint.source import read
from amends.kernel.repairs import REPAIRS
from amends.kernel.severity import SEVERITIES
from tests.blueprints.deciding import Decided, any_facts

TODAY = date(2026, 6, 1)
HAN = "\u4e00-\u9fff"
every_pack = pytest.mark.parametrize("name", shipped())


@every_pack
@given(st.data())
def test_whatever_the_facts_there_is_a_severity_a_plan_and_reasons_in_both_languages(
    name: str, data: st.DataObject
) -> None:
    pack = load_shipped(name)
    kind = data.draw(st.sampled_from(sorted(pack.taxonomy.kinds)))
    decided = Decided(pack, kind, TODAY, **data.draw(any_facts(pack)))
    assert decided.severity in SEVERITIES
    assert decided.actions
    for text in decided.texts:
        assert "{" not in text.en + text.zh
        assert "None" not in text.en + text.zh
    assert all(amount >= 0 for amount in decided.given.values())


@every_pack
def test_the_taxonomy_covers_the_groups_of_the_field(name: str) -> None:
    taxonomy = load_shipped(name).taxonomy
    kinds = taxonomy.kinds.values()
    assert {kind.bitner for kind in kinds} == {"delivery_system", "customer_need", "employee_act"}
    assert {kind.loss for kind in kinds} == {"outcome", "process"}
    assert {kind.gap for kind in kinds} == {"knowledge", "standards", "delivery", "communication", "perception"}
    assert {kind.step for kind in kinds} <= set(taxonomy.steps)


@every_pack
def test_every_calendar_has_a_name(name: str) -> None:
    assert {key for key, calendar in load_shipped(name).calendars.items() if calendar.name is None} == set()


def _texts(node: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict) and set(node) == {"en", "zh"} and isinstance(node["en"], str):
        yield path, node["en"], node["zh"]
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield from _texts(inner, f"{path}.{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _texts(inner, f"{path}[{index}]")


def _is_sound(path: str, en: str, zh: str) -> bool:
    sentences = en.endswith((".", "?")), zh.endswith(("。", "？"))  # both or neither, except in letters
    return (
        not re.search(f"[{HAN}，。：；！？]", en)
        and bool(re.search(f"[{HAN}]", zh))
        and not re.search(f"[{HAN}][,;:!?]|[{HAN}]\\.(\\s|$)", zh)  # half-width punctuation after a Chinese word
        and (path.endswith(".body") or sentences[0] == sentences[1])
    )


@every_pack
def test_each_text_is_in_its_own_language_with_its_own_punctuation(name: str) -> None:
    texts = list(_texts(load_shipped(name).content()))
    assert len(texts) > 300
    assert [text for text in texts if not _is_sound(*text)] == []


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


def _broken_lines(body: str) -> list[str]:
    """The lines that break off within a paragraph: where a letter is shown, a break stands as one.

    Only the signature goes on in the next line, with the case's number.
    """
    return [line for line, after in pairwise(body.split("\n")) if line and after and line != "{company}"]


@every_pack
def test_no_paragraph_of_a_letter_or_a_talk_is_broken_in_mid_sentence(name: str) -> None:
    texts = {
        f"{path}.{code}": said
        for path, *both in _texts(load_shipped(name).content())
        for code, said in zip(("en", "zh"), both, strict=True)
    }
    assert {path: broken for path, said in texts.items() if (broken := _broken_lines(said))} == {}


@every_pack
def test_no_letter_sends_to_the_customers_page_for_what_is_not_on_it(name: str) -> None:
    lines = [line for _, *both in _texts(load_shipped(name).content()) for said in both for line in said.split("\n")]
    to_the_page = [line for line in lines if "{link}" in line]
    assert len(to_the_page) > 30
    # the page takes words; it has neither a telephone number nor an address of the company
    assert [line for line in to_the_page if "how to reach us" in line or "联系方式" in line] == []


@every_pack
def test_what_a_figure_of_the_costs_counts_and_rests_on_is_said_in_both_languages(name: str) -> None:
    def said(node: Any) -> Iterator[Any]:
        for key, inner in node.items() if isinstance(node, dict) else ():
            yield from [inner] if key in {"unit", "source"} else said(inner)

    found = list(said(load_shipped(name).content()["economics"]))
    assert len(found) > 30
    assert [one for one in found if not isinstance(one, dict)] == []


@every_pack
def test_what_customers_say_is_listened_for_in_both_languages(name: str) -> None:
    for heard in load_shipped(name).taxonomy.words:
        assert not [phrase for phrase in heard.phrases.en if re.search(f"[{HAN}]", phrase)]
        assert [phrase for phrase in heard.phrases.zh if not re.search(f"[{HAN}]|^\\d+$", phrase)] == []


@every_pack
def test_every_kind_of_failure_says_what_it_hurts_and_whatever_goes_out_has_a_letter(name: str) -> None:
    pack = load_shipped(name)
    assert [kind.id for kind in pack.taxonomy.kinds.values() if not kind.hurts] == []
    letters = {repair.id for repair in REPAIRS.values() if repair.channel == "outbox"}
    assert letters <= set(pack.repairs)


@every_pack
def test_every_standard_breaks_into_a_kind_that_is_felt_and_every_kind_has_a_plan_of_its_own(name: str) -> None:
    pack = load_shipped(name)
    assert {standard.failure for standard in pack.standards} <= set(pack.taxonomy.kinds)
    named = {kind for playbook in pack.playbooks for kind in playbook.kinds or ()}
    assert set(pack.taxonomy.kinds) - named == set()


@every_pack
def test_no_default_of_a_locale_is_in_use_unless_it_is_chosen(name: str) -> None:
    pack = load_shipped(name)
    assert pack.locale_defaults
    assert pack.cases.locale_defaults == ()
    assert pack.locale_default_for("zh-CN") is None


@every_pack
@pytest.mark.parametrize("part", PARTS)
def test_the_files_pass_the_published_schemas(name: str, part: str) -> None:
    schema = json.loads((PACKS / "schemas" / f"{part}.json").read_text(encoding="utf-8"))
    file = PACKS / name / f"{part}.yaml"
    if part in OPTIONAL and not file.exists():
        return
    data = json.loads(json.dumps(read(file).data, default=str))
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(data)] == []


@every_pack
def test_a_sum_in_the_packs_sentences_brings_its_own_currency(name: str) -> None:
    pack = load_shipped(name)
    texts = [rule.reason for kind in pack.taxonomy.kinds.values() for rule in (*kind.severity, *kind.attribution)]
    texts += [row.reason for tariff in pack.tariffs for row in tariff.rows]
    sums = {name for name, fact in pack.taxonomy.facts.items() if fact.unit == "currency"}
    told = [text for text in texts if text.places & sums]
    assert told
    for text in told:
        assert not re.search(r"(\$|¥|￥|[A-Z]{3} ?)\{", text.en)
        assert not re.search(r"\}(美元|元|人民币)", text.zh)
