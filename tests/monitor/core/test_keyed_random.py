import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.keyed_random import choose, key_of, keys_of, normal, shuffled, subkeys, uniform

WORD = 2**64


def splitmix64(state: int) -> int:
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % WORD
    return state ^ (state >> 31)


@given(st.integers(0, WORD - 1), st.integers(0, 2**40))
def test_a_subkey_is_what_splitmix64_makes_of_key_and_counter(key: int, counter: int) -> None:
    drawn = subkeys(np.array([key], dtype=np.uint64), counter)
    assert int(drawn[0]) == splitmix64((key + (counter + 1) * 0x9E3779B97F4A7C15) % WORD)


def test_splitmix64_gives_the_published_first_numbers_of_seed_1234567() -> None:
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert subkeys(np.full(3, 1234567, dtype=np.uint64), np.arange(3)).tolist() == published


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20), st.integers(0, 10**6), st.randoms())
def test_a_key_draws_the_same_in_any_company_and_order(words, seed, random) -> None:
    together = dict(zip(words, uniform(keys_of(seed, words), 3), strict=True))
    alone = {word: uniform(keys_of(seed, [word]), 3)[0] for word in words}
    random.shuffle(words)
    assert together == alone == dict(zip(words, uniform(keys_of(seed, words), 3), strict=True))


def test_seeds_and_words_give_different_keys_even_where_they_run_together() -> None:
    assert (
        len({key_of(1, "a"), key_of(2, "a"), key_of(1, "b"), key_of(1, "a", "b"), key_of(1, "ab"), key_of(11, "a")})
        == 6
    )


@given(st.integers(1, 3_000), st.integers(0, WORD - 1))
def test_a_shuffle_is_a_permutation(size: int, key: int) -> None:
    places = shuffled(np.arange(size), np.full(size, size), np.full(size, key, dtype=np.uint64))
    assert sorted(places.tolist()) == list(range(size))


def test_shuffles_of_several_sizes_and_keys_do_not_disturb_each_other() -> None:
    numbers, sizes = np.array([0, 5, 900_000]), np.array([1, 6, 1_000_000])
    keys = np.array([1, 2, 3], dtype=np.uint64)
    alone = [shuffled(numbers[i : i + 1], sizes[i : i + 1], keys[i : i + 1])[0] for i in range(3)]
    assert shuffled(numbers, sizes, keys).tolist() == alone


def test_draws_have_the_moments_of_their_distributions() -> None:
    keys = subkeys(np.full(200_000, key_of(7, "moments"), dtype=np.uint64), np.arange(200_000))
    even, bell = uniform(keys, 0), normal(keys, 0)
    assert (even.min() >= 0.0, even.max() < 1.0) == (True, True)
    assert even.mean() == pytest.approx(0.5, abs=0.003)
    assert (bell.mean(), bell.std()) == (pytest.approx(0.0, abs=0.01), pytest.approx(1.0, abs=0.01))
    assert abs(np.corrcoef(uniform(keys, 0), uniform(keys, 1))[0, 1]) < 0.01
    shares = np.bincount(choose(keys, 2, np.array([0.1, 0.4, 1.0]))) / len(keys)
    assert shares == pytest.approx([0.1, 0.3, 0.6], abs=0.005)
