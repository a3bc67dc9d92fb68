"""Prepared words and acts: variables that are known, steps that can be run; names called with an @; what is lacking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.parts import ChecklistItem
from amends.kernel.text import Localised
from amends.recover.core import canned, draft, macro
from amends.recover.core.checklist import missing
from amends.recover.core.mentions import mentioned

PEOPLE = [
    (1, "Sam Carter", "sam@example.test"),
    (2, "Sam", "sammy@example.test"),
    (3, "王芳", "fang@example.test"),
    (4, "王芳华", "hua@example.test"),
    (5, "Ada Moreno", "ada@example.test"),
    (6, "Ada Moreno", "ada.two@example.test"),
]


def test_unknown_variables_are_refused_by_name():
    canned.check("Dear {customer}", "news by {by_when}")
    with pytest.raises(canned.UnknownVariables) as refused:
        canned.check("Dear {customer}", "{amount} and {sum}")
    assert refused.value.names == ["amount", "sum"]
    for broken in ("{customer", "{customer.name}", "{0}", "{customer!r}", "{}"):
        with pytest.raises(ValueError, match=r"brace|plain name"):
            canned.check(broken)


def test_what_a_case_has_not_is_said_and_not_left_open():
    assert canned.filled("Dear {customer}, {{so}}", {"customer": "{link}"}) == "Dear {link}, {so}"
    with pytest.raises(canned.NotFilled) as refused:
        canned.filled("by {by_when}", {"by_when": ""})
    assert refused.value.name == "by_when"


@given(st.text(), st.text())
def test_what_fills_a_variable_is_never_read_as_a_variable_again(value, other):
    assert canned.filled("{customer}|{subject}", {"customer": value or "-", "subject": other or "-"}) == (
        f"{value or '-'}|{other or '-'}"
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Sam Carter please look", [1]),
        ("@Sam please look", [2]),
        ("@sam carter, @王芳华看一下，@王芳也看一下", [1, 4, 3]),
        ("＠王芳：请跟进", [3]),
        ("@Sam Carterson is somebody else, so is @Samantha", [2]),
        ("write to x@Sam or a.b@王芳", []),
        ("@Ada Moreno means both", [5, 6]),
        ("@ada.two@example.test means one", [6]),
        ("@nobody @ @@", []),
    ],
)
def test_the_longest_name_after_an_at_is_meant(text, named):
    assert mentioned(text, PEOPLE) == named


@given(st.text(alphabet="@SamCrte 王芳华.\n", max_size=60))
def test_only_who_is_named_is_named_and_each_once(text):
    found = mentioned(text, PEOPLE)
    assert len(set(found)) == len(found)
    assert all(any(name.lower() in text.lower() for id_, name, _ in PEOPLE if id_ == one) for one in found)


def test_a_macro_has_acts_that_are_known_and_say_what_they_need():
    content = [{"act": "take"}, {"act": "message", "reply": 3}, {"act": "do", "kind": "call"}, {"act": "close"}]
    assert [step.content() for step in macro.steps_of(content)] == content
    for place, steps in (
        (0, []),
        (0, [{"act": "take"}] * (macro.MOST_STEPS + 1)),
        (1, [{"act": "delete"}]),
        (2, [{"act": "take"}, {"act": "message"}]),
        (1, [{"act": "note", "text": ""}]),
    ):
        with pytest.raises(macro.BadMacro) as refused:
            macro.steps_of(steps)
        assert refused.value.place == place


def test_a_draft_keeps_the_fields_of_its_form_and_nothing_when_nothing_was_typed():
    assert draft.kept("message", {"subject": " ", "body": "\n"}) == {}
    assert draft.kept("message", {"subject": "Your bag\0", "other": "x"}) == {"subject": "Your bag", "body": ""}
    assert len(draft.kept("note", {"body": "x" * 30_000})["body"]) == draft.LONGEST
    assert draft.as_json({"body": "\ud800 行李"}) == '{"body": "? 行李"}'


def test_what_must_and_what_should_be_ticked_is_told_apart():
    items = [
        ChecklistItem.model_validate({"id": name, "text": Localised(en=name, zh=name), "before_closing": name})
        for name in ("may", "should", "must")
    ]
    lacking = missing(items, {"may"})
    assert [item.en for item in lacking.must] == ["must"]
    assert [item.en for item in lacking.should] == ["should"]
    assert missing(items, {"must", "should"}) == missing([], set())
