"""Who gets a case: free, skilled, least to do; the same facts give the same choice, and it says why."""

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.text import Localised
from amends.recover.core.assigning import Candidate, Needs, Rule, choose, lacks, queue_for

QUEUE = Localised(en="Delays", zh="延误")
NEEDS = Needs(language="zh", kind="slow", tier="gold", severity=3)
SKILLS = st.frozensets(st.sampled_from(["zh", "en"]), max_size=2)


def member(staff_id: int, *, load: int = 0, most: int = 20, languages: frozenset[str] = frozenset()) -> Candidate:
    return Candidate(
        staff_id=staff_id,
        name=f"P{staff_id}",
        languages=languages,
        kinds=frozenset(),
        tiers=frozenset(),
        severity_most=3,
        most_open=most,
        load=load,
    )


TEAM = st.lists(
    st.builds(member, st.integers(1, 50), load=st.integers(0, 5), most=st.integers(0, 5), languages=SKILLS),
    max_size=8,
    unique_by=lambda one: one.staff_id,
)


@given(TEAM, st.frozensets(st.integers(1, 50)), st.randoms())
def test_the_chosen_one_can_take_it_and_nobody_who_can_has_less_to_do(team, free, dice) -> None:
    choice = choose(NEEDS, team, free=free, rule="queues.1", queue=QUEUE)
    able = [one for one in team if not lacks(one, NEEDS, free=one.staff_id in free)]
    if not able:
        assert choice.staff_id is None
        return
    chosen = next(one for one in able if one.staff_id == choice.staff_id)
    assert chosen.load == min(one.load for one in able)
    again = list(team)
    dice.shuffle(again)
    assert choose(NEEDS, again, free=free, rule="queues.1", queue=QUEUE) == choice


def test_equal_loads_go_to_the_lower_number_and_the_reason_names_the_load() -> None:
    choice = choose(NEEDS, [member(7, load=2), member(3, load=2)], free={3, 7}, rule="queues.1", queue=QUEUE)
    assert choice.staff_id == 3
    assert choice.why.text.en == "Delays: of 2 in the team 2 can take it, and P3 has the fewest open cases (2)."
    assert choice.why.text.zh == "延误：团队2人中2人可接手，P3手头案件最少（2件）。"


def test_where_nobody_can_the_reason_says_what_each_lacks() -> None:
    team = [member(1), member(2, load=5, most=5), member(3, languages=frozenset({"en"}))]
    choice = choose(NEEDS, team, free={2, 3}, rule="queues.1", queue=QUEUE)
    assert choice.staff_id is None
    assert "1 × is not at work" in choice.why.text.en
    assert "1 × has as many open cases as they may" in choice.why.text.en
    assert "1 × does not speak the customer's language" in choice.why.text.en


def test_the_first_queue_that_fits_decides() -> None:
    def rule(queue_id: int, **limits: object) -> Rule:
        free: dict[str, object] = {
            "units": None, "kinds": frozenset(), "tiers": frozenset(), "languages": frozenset(), "severity_least": 1,
        }  # fmt: skip
        return Rule(queue_id=queue_id, name=QUEUE, team_id=queue_id, **(free | limits))

    rules = [
        rule(1, languages=frozenset({"en"})),
        rule(2, units=frozenset({9})),
        rule(3, tiers=frozenset({"gold"}), severity_least=3),
        rule(4),
    ]
    assert queue_for(rules, NEEDS, 5).queue_id == 3
    assert queue_for(rules, NEEDS, 9).queue_id == 2
    assert queue_for(rules[:2], NEEDS, 5) is None
