import pytest

from amends.kernel.lifecycle import IllegalMove, Lifecycle
from amends.kernel.text import Localised

LETTER = {"draft": {"post": "posted", "tear": "torn"}, "posted": {"arrive": "read"}, "read": {}, "torn": {}}


def lifecycle(moves: dict[str, dict[str, str]] = LETTER, initial: str = "draft") -> Lifecycle:
    states, acts = set(moves), {move for legal in moves.values() for move in legal}
    return Lifecycle(
        name="letter",
        initial=initial,
        moves=moves,
        state_labels={state: Localised(state, f"{state}态") for state in states},
        move_labels={act: Localised(act, f"{act}动作") for act in acts},
    )


def test_a_legal_move_leads_to_the_next_state() -> None:
    assert lifecycle().after("draft", "post") == "posted"


def test_an_illegal_move_names_state_move_and_what_would_be_legal() -> None:
    with pytest.raises(IllegalMove, match="letter that is draft cannot arrive; legal from there: post, tear"):
        lifecycle().after("draft", "arrive")


def test_nothing_is_legal_from_a_final_state() -> None:
    with pytest.raises(IllegalMove, match="it is final"):
        lifecycle().after("read", "post")
    assert lifecycle().final == {"read", "torn"}


def test_a_state_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(ValueError, match="never 'lost'"):
        lifecycle().after("lost", "post")


def test_the_states_with_a_move_are_those_it_is_legal_from() -> None:
    assert lifecycle().states_with("tear") == ("draft",)


def test_states_that_nothing_leads_to_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing leads to island"):
        lifecycle({**LETTER, "island": {"swim": "read"}})


def test_moves_to_states_outside_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match="'nowhere'"):
        lifecycle({"draft": {"post": "nowhere"}})


def test_the_initial_state_is_in_the_table() -> None:
    with pytest.raises(ValueError, match="initial"):
        lifecycle(initial="nowhere")


@pytest.mark.parametrize(("dropped", "what"), [("state_labels", "state"), ("move_labels", "move")])
def test_every_state_and_move_has_a_label(dropped: str, what: str) -> None:
    whole = lifecycle()
    labels = {"state_labels": whole.state_labels, "move_labels": whole.move_labels, dropped: {}}
    with pytest.raises(ValueError, match=f"no label for {what}"):
        Lifecycle(name="letter", initial="draft", moves=LETTER, **labels)


def test_the_diagram_has_every_state_and_every_move() -> None:
    diagram = lifecycle().mermaid("zh")
    assert diagram.startswith("stateDiagram-v2\n    [*] --> draft\n")
    for state, moves in LETTER.items():
        assert f"{state} : {state}态" in diagram
        for move, after in moves.items():
            assert f"{state} --> {after} : {move}动作" in diagram
    assert "read --> [*]" in diagram
