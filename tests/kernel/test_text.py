from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from amends.kernel.money import Money
from amends.kernel.text import Localised, MissingFactError, Template, places_in


@pytest.mark.parametrize("locale", ["zh", "zh-CN", "zh-Hans", "zh_Hans", "zh-Hans-CN", "ZH"])
def test_chinese_locales_get_chinese(locale: str) -> None:
    assert Localised("late", "晚点").in_(locale) == "晚点"


@pytest.mark.parametrize("locale", ["en", "en-GB", "fr", "zha", ""])
def test_all_other_locales_get_english(locale: str) -> None:
    assert Localised("late", "晚点").in_(locale) == "late"


@pytest.mark.parametrize("written", [{"en": "late"}, {"en": "late", "zh": ""}, {"en": "late", "zh": "  "}])
def test_a_text_without_one_language_is_refused(written: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="zh"):
        TypeAdapter(Localised).validate_python(written)


def test_a_third_language_is_refused() -> None:
    with pytest.raises(ValidationError, match="fr"):
        TypeAdapter(Localised).validate_python({"en": "late", "zh": "晚点", "fr": "tard"})


def test_text_keeps_its_form_through_pydantic() -> None:
    adapter = TypeAdapter(Localised)
    assert adapter.dump_python(adapter.validate_python({"en": "late", "zh": "晚点"})) == {"en": "late", "zh": "晚点"}


def test_places_are_filled_in_each_language_in_its_own_form() -> None:
    text = Localised("{minutes} min late: {amount}, {known}", "晚点{minutes}分钟：{amount}，{known}")
    facts = {"minutes": 1234.0, "amount": Money(Decimal(40), "USD"), "known": True}
    assert text.filled(facts) == Localised("1,234 min late: $40.00, yes", "晚点1,234分钟：40.00美元，是")


def test_localised_text_fills_a_place_in_the_same_language() -> None:
    text = Localised("Because: {cause}", "原因：{cause}")
    assert text.filled({"cause": Localised("fog", "大雾")}).in_("zh") == "原因：大雾"


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(MissingFactError, match=r"\{minutes\}.*given: amount, hours"):
        Localised("{minutes}", "{minutes}").filled({"hours": 3, "amount": 1})


def test_a_fact_that_is_none_counts_as_missing() -> None:
    with pytest.raises(MissingFactError):
        Localised("{minutes}", "x").filled({"minutes": None})


@given(st.text())
def test_what_is_filled_in_is_never_read_as_a_place_again(value: str) -> None:
    assert Localised("<{name}>", "<{name}>").filled({"name": value}).en == f"<{value}>"


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False))
def test_numbers_keep_two_decimals_at_most(value: float) -> None:
    shown = Localised("{n}", "{n}").filled({"n": value}).en
    assert abs(float(shown.replace(",", "")) - value) <= 0.005 + abs(value) * 1e-12


@pytest.mark.parametrize("text", ["{", "}", "{a.b}", "{a[0]}", "{a!r}", "{a:>10}", "{}", "{0}", "{a b}"])
def test_only_plain_names_stand_in_braces(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace|plain name"):
        places_in(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Template).validate_python({"en": text, "zh": "好"})


def test_doubled_braces_stand_for_themselves() -> None:
    assert Localised("{{x}} {x}", "{{x}}").filled({"x": 1}) == Localised("{x} 1", "{x}")
