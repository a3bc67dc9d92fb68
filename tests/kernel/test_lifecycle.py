import importlib
import importlib.util
import pkgutil
import re

import pytest

import amends
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


def every_lifecycle() -> list[Lifecycle]:
    """All transition tables of the system; they stand in the `core` of their part."""
    found: dict[str, Lifecycle] = {}
    for part in pkgutil.iter_modules(amends.__path__, "amends."):
        core = f"{part.name}.core"
        if not part.ispkg or importlib.util.find_spec(core) is None:
            continue
        for module in pkgutil.iter_modules(importlib.import_module(core).__path__, f"{core}."):
            content = vars(importlib.import_module(module.name)).values()
            found |= {one.name: one for one in content if isinstance(one, Lifecycle)}
    assert {"case", "action", "approval", "clock", "incident", "lesson", "message"} <= set(found)
    return list(found.values())


def test_a_legal_move_leads_to_the_next_state() -> None:
    assert lifecycle().after("draft", "post") == "posted"


def test_an_illegal_move_names_state_move_and_what_would_be_legal() -> None:
    with pytest.raises(IllegalMove) as refusal:
        lifecycle().after("draft", "arrive")
    assert str(refusal.value) == (
        "This letter stands at “draft”: “arrive” is not possible. Only “post” or “tear” is possible."
    )
    assert refusal.value.state_label.zh == "draft态"


def test_nothing_is_legal_from_a_final_state() -> None:
    with pytest.raises(IllegalMove, match=r"not possible\. Nothing more can be done with it\.$"):
        lifecycle().after("read", "post")
    assert lifecycle().final == {"read", "torn"}


def test_what_is_gone_is_said_to_be_gone() -> None:
    refusal = IllegalMove(lifecycle(), None, "post")
    assert str(refusal) == "This letter is not there any more."
    assert refusal.state_label.zh == "已不存在"


def test_a_state_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(ValueError, match="never 'lost'"):
        lifecycle().after("lost", "post")


def test_a_move_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(ValueError, match="no move 'swim'"):
        lifecycle().after("draft", "swim")


@pytest.mark.parametrize("table", every_lifecycle(), ids=lambda table: table.name)
def test_every_refusal_of_ours_is_sound_english_and_made_of_labels_only(table: Lifecycle) -> None:
    label, first_words = "“[A-Z][a-z]+(?: [a-z]+)*”", f"This {table.name} stands at "
    form = re.compile(
        f"{first_words}{label}: {label} is not possible\\. "
        f"(?:Only (?:(?:{label}, )*{label} or )?{label} is possible|Nothing more can be done with it)\\."
    )
    refused = 0
    for state in table.states:
        for move in table.move_labels:
            if move in table.moves_from(state):
                continue
            with pytest.raises(IllegalMove) as refusal:
                table.after(state, move)
            said = str(refusal.value)
            assert form.fullmatch(said), said
            assert f"“{table.state_labels[state].en}”: “{table.move_labels[move].en}”" in said
            assert all(f"“{table.move_labels[legal].en}”" in said for legal in table.moves_from(state))
            assert ("Nothing more" in said) is (state in table.final)
            assert refusal.value.state_label == table.state_labels[state]
            refused += 1
    assert refused


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
