"""What goes on in a merge: whatever both cases owe is owed once where the harm is one, and twice where it is two."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.action import ACTION
from amends.recover.core.merging import Work, merging


def works(first: int) -> st.SearchStrategy[list[Work]]:
    """Actions of one case; each step once, and a step gives worth in both cases or in neither."""
    step = st.tuples(st.sampled_from(["apology", "refund", "cash"]), st.sampled_from(ACTION.states), st.integers(1, 9))

    def made(steps: list[tuple[str, str, int]]) -> list[Work]:
        return [
            Work(
                id=first + place,
                step=name,
                kind="apology" if name == "apology" else "compensation",
                state=state,
                amount=None if name == "apology" else Decimal(100 * worth),
                currency="" if name == "apology" else "USD",
            )
            for place, (name, state, worth) in enumerate(steps)
        ]

    return st.lists(step, max_size=3, unique_by=lambda one: one[0]).map(made)


def owed(works: list[Work], step: str) -> Decimal:
    return sum((one.amount or Decimal(0) for one in works if one.step == step and one.counts), Decimal(0))


def given_already(works: list[Work], step: str) -> Decimal:
    return sum((one.amount or Decimal(0) for one in works if one.step == step and one.state == "done"), Decimal(0))


@given(works(1), works(100))
def test_of_one_harm_the_greater_sum_is_owed_once(mine: list[Work], theirs: list[Work]) -> None:
    decided = merging(mine, theirs, same_harm=True)
    moved = dict(decided.moves)
    for step in ("refund", "cash"):
        here = {one.id: one for one in (*mine, *theirs) if one.step == step}
        stays = [one for one in theirs if one.id in here and one.is_open and one.id not in (*moved, *decided.drops)]
        still = sum((moved[pk] or Decimal(0) for pk in moved if pk in here), Decimal(0))
        still += sum((one.amount or Decimal(0) for one in stays), Decimal(0))
        already = given_already(mine, step) + given_already(theirs, step)
        assert already + still == max(owed(mine, step), owed(theirs, step), already)


@given(works(1), works(100))
def test_of_two_harms_nothing_that_is_owed_is_lost_or_altered(mine: list[Work], theirs: list[Work]) -> None:
    decided = merging(mine, theirs, same_harm=False)
    assert dict(decided.moves) == {one.id: one.amount for one in mine if one.is_open}
    assert decided.drops == ()


@given(works(1), works(100), st.booleans())
def test_every_open_action_of_the_ending_case_is_decided_and_no_ended_one_is_touched(
    mine: list[Work], theirs: list[Work], same_harm: bool
) -> None:
    decided = merging(mine, theirs, same_harm=same_harm)
    touched = [*dict(decided.moves), *decided.drops]
    assert len(touched) == len(set(touched))
    assert {one.id for one in mine if one.is_open} <= set(touched)
    assert set(touched) <= {one.id for one in (*mine, *theirs) if one.is_open}


def test_what_was_said_in_one_case_is_not_said_again_for_the_same_harm() -> None:
    said = Work(id=1, step="apology", kind="apology", state="done", amount=None, currency="")
    again = Work(id=2, step="apology", kind="apology", state="ready", amount=None, currency="")
    assert merging([said], [again], same_harm=True).drops == (2,)
    assert merging([again], [said], same_harm=True).drops == (2,)


def test_one_follow_up_is_enough_for_two_harms() -> None:
    mine = Work(id=1, step="ask-after", kind="follow_up", state="planned", amount=None, currency="")
    theirs = Work(id=2, step="ask-after", kind="follow_up", state="planned", amount=None, currency="")
    assert merging([mine], [theirs], same_harm=False).drops == (1,)


def test_a_part_that_was_given_is_taken_off_the_rest() -> None:
    paid = Work(id=1, step="cash", kind="compensation", state="done", amount=Decimal(400), currency="USD")
    more = Work(id=2, step="cash", kind="compensation", state="waiting_approval", amount=Decimal(600), currency="USD")
    assert merging([more], [paid], same_harm=True).moves == ((2, Decimal(200)),)
    assert merging([paid], [more], same_harm=True).moves == ((2, Decimal(200)),)
