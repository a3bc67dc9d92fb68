"""Publishing a standard: tried or with a reason, on what the person saw, kept with who, when and why."""

from datetime import timedelta
from typing import Any

import pytest

from amends.kernel.text import Localised
from amends.monitor.core.refusals import NotDone
from amends.monitor.drafting import changes_of, in_force
from amends.monitor.models import Backtest
from amends.monitor.services.standards import publish_standard, withdraw_standard
from amends.monitor.sources.drafts import Draft, standard_in, written
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import create_staff
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.services import set_up_deployment
from tests.monitor.told import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(version: BlueprintVersion) -> Staff:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    return create_staff(email="q@x.test", name="Quinn", role="quality_owner", unit=None, now=NOON, acting_user=None)


def drafted(**changes: Any) -> Draft:
    base = in_force()
    declared = base.declared("depart-on-time")
    assert declared is not None
    return standard_in(written({**declared, **changes}), base.pack, standard_id="depart-on-time")


def publish(draft: Draft, owner: Staff, **given: Any) -> BlueprintVersion:
    return publish_standard(
        draft, **{"base": 1, "why": "Less slack", "untried": "", "locale": "en", **given}, acting_user=owner, now=NOON
    )


def tried(draft: Draft, owner: Staff, **changes: Any) -> Backtest:
    fields = {"state": "finished", "against": in_force().version, **changes}
    return Backtest.objects.create(
        standard=draft.standard,
        text="",
        draft=draft.standards.model_dump(mode="json"),
        digest=draft.digest,
        since=NOON - timedelta(days=9),
        until=NOON,
        plan=[],
        parts=0,
        arrived_to=0,
        by=owner,
        asked_at=NOON,
        **fields,
    )


def test_a_draft_that_was_tried_is_published_as_the_next_version(owner: Staff) -> None:
    draft = drafted(warn="PT20M")
    tried(draft, owner)
    version = publish(draft, owner)
    assert (version.number, version.note, version.published_by) == (2, "Less slack", "Quinn <q@x.test>")
    assert in_force().declared("depart-on-time")["warn"] == "PT20M"  # type: ignore[index]  # it is declared
    first = BlueprintVersion.objects.get(number=1)
    assert first.content["standards"][0]["warn"] == "PT15M", "the version before is as it was"
    assert {**first.content, "standards": 0} == {**version.content, "standards": 0}


def test_one_that_was_not_tried_needs_its_reason(owner: Staff) -> None:
    draft = drafted(warn="PT20M")
    with pytest.raises(NotDone, match="not tried"):
        publish(draft, owner)
    tried(draft, owner, state="cancelled")
    tried(drafted(warn="PT21M"), owner)
    with pytest.raises(NotDone, match="not tried"):
        publish(draft, owner, untried="  ")
    noted = publish(draft, owner, untried="No signals yet", locale="zh-Hans").note
    assert noted == "Less slack\n未经历史回测：No signals yet"


def test_a_try_beside_an_older_version_does_not_count(owner: Staff) -> None:
    tried(drafted(warn="PT20M"), owner)
    publish(drafted(gives_up="PT9H"), owner, untried="Urgent")
    with pytest.raises(NotDone, match="not tried"):
        publish(drafted(warn="PT20M"), owner, base=2)


def test_whoever_saw_an_older_version_is_told(owner: Staff) -> None:
    publish(drafted(warn="PT20M"), owner, untried="Urgent")
    with pytest.raises(NotDone, match="meantime"):
        publish(drafted(warn="PT25M"), owner, untried="Urgent")


@pytest.mark.parametrize(("changes", "given", "words"), [({}, {}, "in force"), ({"warn": "PT1M"}, {"why": " "}, "why")])
def test_nothing_new_and_no_reason_are_refused(
    owner: Staff, changes: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotDone, match=words):
        publish(drafted(**changes), owner, untried="x", **given)
    assert BlueprintVersion.objects.count() == 1


def test_every_change_is_shown_with_what_differs(owner: Staff) -> None:
    publish(drafted(warn="PT20M"), owner, untried="Urgent")
    declared = in_force().declared("not-cancelled")
    other = standard_in(
        written({**declared, "name": {"en": "Flies", "zh": "执行航班"}}), in_force().pack, standard_id="not-cancelled"
    )
    publish(other, owner, base=2, untried="Urgent")
    second, first = changes_of(owner, "depart-on-time")
    assert (second.number, first.number) == (2, 1)
    assert [line for line in second.lines if line[0] != " "] == [("-", "warn: PT15M"), ("+", "warn: PT20M")]
    assert first.text is not None
    back = standard_in(first.text, in_force().pack, standard_id="depart-on-time")
    publish(back, owner, base=3, why="It was too much", untried="It ran for a year")
    assert [change.number for change in changes_of(owner, "depart-on-time")] == [4, 2, 1]
    assert in_force().declared("depart-on-time")["warn"] == "PT15M"  # type: ignore[index]  # it is declared


def test_a_new_standard_joins_the_others(owner: Staff) -> None:
    text = """
id: not-late-twice
name: {en: x, zh: 某}
forbids: {type: flight.returned, where: "data.times > 1"}
failure: slow
"""
    draft = standard_in(text, in_force().pack, standard_id=None)
    publish(draft, owner, untried="New")
    assert in_force().declared("not-late-twice") is not None
    (change,) = changes_of(owner, "not-late-twice")
    assert {mark for mark, _ in change.lines} == {"+"}


def test_a_standard_is_withdrawn_and_stays_on_record(owner: Staff) -> None:
    with pytest.raises(NotDone, match="why"):
        withdraw_standard("not-diverted", base=1, why="", acting_user=owner, now=NOON)
    withdraw_standard("not-diverted", base=1, why="Nobody minds", acting_user=owner, now=NOON)
    assert in_force().declared("not-diverted") is None
    gone, there = changes_of(owner, "not-diverted")
    assert (gone.text, gone.why, there.number) == (None, "Nobody minds", 1)
    with pytest.raises(NotFound):
        withdraw_standard("not-diverted", base=2, why="x", acting_user=owner, now=NOON)


def test_others_may_not(owner: Staff) -> None:
    part = Unit.objects.get(code="XX-AAA")
    draft = drafted(warn="PT20M")
    for role, unit in (("manager", None), ("executive", None), ("quality_owner", part)):
        person = create_staff(email=f"{role}@x.test", name="N", role=role, unit=unit, now=NOON, acting_user=None)
        with pytest.raises(NotAllowed):
            publish(draft, person, untried="x")
        with pytest.raises(NotAllowed):
            withdraw_standard("not-diverted", base=1, why="x", acting_user=person, now=NOON)
