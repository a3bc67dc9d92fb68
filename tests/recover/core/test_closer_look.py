"""Signs that a claim is worth a closer look: what they rest on, what they weigh, what they say. Pure."""

from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.care import CloserLook
from amends.kernel.money import Money
from amends.recover.core.closer_look import Evidence, LikeCustomers, advice, distance

RULES = CloserLook(claims=("loss_amount",))
LIKE = LikeCustomers(claims=100, median=Decimal(100), deviation=Decimal(20))


def usd(amount: object) -> Money:
    return Money(Decimal(str(amount)), "USD")


def signs(**known):
    return [one.sign for one in advice(Evidence(**{"claimed": None, "like": None} | known), RULES).found]


def test_nothing_known_is_nothing_to_look_at():
    found = advice(Evidence(claimed=None, like=None), RULES)
    assert (found.weight, found.advised, found.found) == (0, False, ())


@pytest.mark.parametrize(
    ("claimed", "like", "expected"),
    [
        (usd(100), LIKE, []),
        (usd(203), LIKE, []),  # z = 3.47
        (usd(204), LIKE, ["claim"]),  # z = 3.51
        (usd(9_000), LikeCustomers(claims=19, median=Decimal(100), deviation=Decimal(20)), []),  # too few to compare
        (usd(9_000), None, []),
        (None, LIKE, []),
        (usd(160), LikeCustomers(claims=100, median=Decimal(100), deviation=Decimal(0)), ["claim"]),  # all the same
        (usd(149), LikeCustomers(claims=100, median=Decimal(100), deviation=Decimal(0)), []),
    ],
)
def test_a_claim_is_held_against_what_like_customers_claim(claimed, like, expected):
    assert signs(claimed=claimed, like=like) == expected


def test_the_distance_is_the_robust_z_of_iglewicz_and_hoaglin():
    sums = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]  # their own example: the last two stand out
    middle = median(sums)
    mad = median(abs(one - middle) for one in sums)
    like = LikeCustomers(claims=len(sums), median=Decimal(str(middle)), deviation=Decimal(str(mad)))
    far = [one for one in sums if distance(Decimal(str(one)), like) >= Decimal("3.5")]
    assert far == [8.2, 8.3]


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_higher_claim_never_weighs_less(one, other):
    low, high = sorted((one, other))
    weights = [advice(Evidence(claimed=usd(sum_), like=LIKE), RULES).weight for sum_ in (low, high)]
    assert weights[0] <= weights[1]


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_every_sign_says_why_in_both_languages_and_weights_add_up(refused, objected, strangers, on_roster):
    evidence = Evidence(
        claimed=usd(5_000),
        like=LIKE,
        receipts_elsewhere=(("R-1", 7), ("R-1", 9)),
        on_roster=on_roster,
        strangers=strangers,
        refused=refused,
        objected=objected,
    )
    found = advice(evidence, RULES)
    assert found.weight == sum(one.weight for one in found.found)
    assert found.advised
    assert all(one.why.text.en and one.why.text.zh and one.why.rule.startswith("care.") for one in found.found)
    assert ("strangers" in signs_of(found)) == (not on_roster and strangers >= RULES.strangers)
    assert ("refusals" in signs_of(found)) == (refused + objected >= RULES.refusals)


def test_a_sign_that_weighs_nothing_in_this_pack_is_left_out():
    rules = CloserLook(weight_receipt=0)
    assert advice(Evidence(claimed=None, like=None, receipts_elsewhere=(("R", 1),)), rules).found == ()


def test_one_receipt_twice_is_said_with_the_other_case():
    (found,) = advice(Evidence(claimed=None, like=None, receipts_elsewhere=(("R-1", 7),)), RULES).found
    assert found.why.text.en == "The receipt R-1 is in case 7 too."
    assert found.why.text.zh == "凭证R-1在案件7中也出现过。"


def signs_of(found):
    return {one.sign for one in found.found}
