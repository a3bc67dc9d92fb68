"""How long text messages are, held against what a person can count and against a second way of counting."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.text_message import Home, is_number, length_of, plain, texted_at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ("GSM-7", 0, 1)),
        ("a" * 160, ("GSM-7", 160, 1)),
        ("a" * 161, ("GSM-7", 161, 2)),
        ("a" * 306, ("GSM-7", 306, 2)),
        ("a" * 307, ("GSM-7", 307, 3)),
        ("€" * 80, ("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 153, ("GSM-7", 307, 3)),  # the sign would be cut in two: it begins the next segment
        ("延" * 70, ("UCS-2", 70, 1)),
        ("延" * 71, ("UCS-2", 71, 2)),
        ("延" * 134, ("UCS-2", 134, 2)),
        ("延" * 135, ("UCS-2", 135, 3)),
        ("延" * 66 + "✈️😀" + "延" * 60, ("UCS-2", 130, 2)),
        ("延" * 66 + "😀" + "延" * 66, ("UCS-2", 134, 3)),  # no half of a face in each
        ("ñ ç", ("UCS-2", 3, 1)),  # the small letter with a cedilla is not in GSM-7, the large one is
    ],
)
def test_length_as_a_person_counts_it(text, said):
    assert tuple(length_of(text)) == said


@given(st.text(max_size=600))
def test_segments_hold_all_units_and_never_more_than_fit(text):
    encoding, units, segments = length_of(text)
    whole, part = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[encoding]
    if segments == 1:
        assert units <= whole
    else:
        assert whole < units <= segments * part
        assert (segments - 1) * (part - 1) < units


def test_typographic_marks_do_not_halve_the_room():
    assert plain("we’re “late” – sorry…") == 'we\'re "late" - sorry...'
    assert plain("“延误”") == "“延误”"


@pytest.mark.parametrize(
    ("address", "good"),
    [("+12125550147", True), ("+8613800138000", True), ("2125550147", False), ("+0212", False), ("a@b.c", False)],
)
def test_numbers_are_in_the_international_form(address, good):
    assert is_number(address) is good


CHINA = Home(code="+86", written=re.compile(r"(?:0086|86)?(1[3-9]\d{9})", re.ASCII))
SPAIN = Home(code="+34", written=re.compile(r"[67]\d{8}", re.ASCII))


@pytest.mark.parametrize(
    ("number", "home", "goes_to"),
    [
        ("13800138000", CHINA, "+8613800138000"),
        ("008613800138000", CHINA, "+8613800138000"),
        ("+8613800138000", CHINA, "+8613800138000"),
        ("+12125550147", CHINA, "+12125550147"),
        ("01012345678", CHINA, None),  # no mobile
        ("138001380001", CHINA, None),
        ("１３８００１３８０００", CHINA, None),
        ("612345678", SPAIN, "+34612345678"),
        ("13800138000", None, None),
        ("+0123", CHINA, None),
        ("", CHINA, None),
    ],
)
def test_a_mobile_number_as_written_at_home_needs_no_code(number: str, home: Home | None, goes_to: str | None) -> None:
    assert texted_at(number, home) == goes_to
