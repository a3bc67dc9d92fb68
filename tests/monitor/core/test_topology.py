"""What a failure hangs on is followed up the stream, also where the data run in a circle."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.incidents import Incidents
from amends.monitor.core.candidate import fingerprint
from amends.monitor.core.topology import Sighting, Topology, chain_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAME = {"en": "thing", "zh": "东西"}
POLICY = Incidents.model_validate(
    {
        "resources": {"aircraft": {"name": NAME, "fact": "tail"}, "depot": {"name": NAME}, "feed": {"name": NAME}},
        "depends": [
            {"on": "depot/north", "units": ["N"]},
            {"on": "feed/1", "resources": ["depot/north"]},
            {"on": "depot/north", "resources": ["feed/1"]},
        ],
    }
)


def test_facts_and_units_lead_to_resources_and_these_to_what_they_hang_on() -> None:
    topology = Topology(POLICY)
    assert topology.resources_of(facts={"tail": "N1"}, units=["ALL", "N"]) == {"aircraft/N1", "depot/north", "feed/1"}
    assert topology.resources_of(facts={"tail": " "}, units=["ALL"]) == frozenset()


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12), st.integers(1, 20), st.data())
def test_a_chain_has_no_gap_longer_than_allowed_and_is_as_long_as_can_be(
    minutes: list[int], within: int, data: st.DataObject
) -> None:
    every = [
        Sighting(failure=number, subject=str(number), at=NOON + timedelta(minutes=minute))
        for number, minute in enumerate(minutes)
    ]
    last = data.draw(st.sampled_from(every))
    chain = chain_of(every, last=last, within=timedelta(minutes=within))
    assert last in chain
    gaps = [(later.at - earlier.at) / timedelta(minutes=1) for earlier, later in pairwise(chain)]
    assert all(gap <= within for gap in gaps)
    left = [one for one in every if one not in chain]
    assert all(abs(one.at - member.at) > timedelta(minutes=within) for one in left for member in (chain[0], chain[-1]))


def test_the_same_trouble_has_one_fingerprint_whatever_its_zone() -> None:
    assert fingerprint("upstream", "a/1", NOON) == fingerprint("upstream", "a/1", NOON.astimezone())
    assert fingerprint("upstream", "a/1", NOON) != fingerprint("upstream", "a/2", NOON)
