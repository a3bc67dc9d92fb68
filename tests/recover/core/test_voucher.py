"""Codes of vouchers: read back however they are typed, and made by nobody without the secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.voucher import LETTERS, NUMBER, TAG, code_of, number_of

KEY, OTHER = b"k" * 32, b"o" * 32
numbers = st.integers(0, 2 ** (5 * NUMBER) - 1)


@given(numbers)
def test_a_code_gives_its_number_back_under_its_own_key_only(number: int) -> None:
    code = code_of(number, KEY)
    assert number_of(code, [KEY]) == number
    assert number_of(code, [OTHER, KEY]) == number
    assert number_of(code, [OTHER]) is None


@given(numbers)
def test_how_it_is_typed_does_not_matter(number: int) -> None:
    code = code_of(number, KEY)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert number_of(f" {typed} ", [KEY]) == number


@given(numbers, st.integers(0, NUMBER + TAG - 1), st.sampled_from(LETTERS))
def test_a_single_letter_that_is_wrong_makes_it_no_code(number: int, place: int, letter: str) -> None:
    letters = code_of(number, KEY).replace("-", "")
    changed = letters[:place] + letter + letters[place + 1 :]
    assert number_of(changed, [KEY]) == (number if changed == letters else None)


@pytest.mark.parametrize("typed", ["", "0", "0000-0001", "U" * 20, "é" * 20, "代金券", "0" * 21])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert number_of(typed, [KEY]) is None


def test_a_number_that_has_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no voucher has the number"):
        code_of(2 ** (5 * NUMBER), KEY)
