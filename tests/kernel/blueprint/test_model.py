import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from amends.kernel.blueprint import Blueprint, BlueprintErrors, NoTariffInForce, load
from amends.kernel.business_time import ALWAYS


def test_content_is_plain_json_and_makes_the_same_blueprint_again(pack: Any) -> None:
    blueprint = load(pack.folder)
    again = Blueprint.from_content(json.loads(json.dumps(blueprint.content())))
    assert again == blueprint
    assert again.digest == blueprint.digest
    assert again.content() == blueprint.content()


def test_the_order_of_keys_does_not_matter_to_content_and_digest(pack: Any) -> None:
    """As a database may keep JSON."""
    blueprint = load(pack.folder)
    turned = json.loads(json.dumps(blueprint.content(), sort_keys=True))
    assert Blueprint.from_content(turned).digest == blueprint.digest
    assert Blueprint.from_content(turned).completed({"minutes_waiting": 9, "patience": 5})["lost_patience"] is True


def test_the_layout_of_files_does_not_matter_to_the_digest_and_the_content_does(pack: Any) -> None:
    before = load(pack.folder).digest
    pack.change("tariffs.yaml", "tariffs:\n", "# a remark\n\ntariffs:\n")
    pack.change("calendars.yaml", '{tue-sun: ["10:00-20:00"]}', "{tue-sun: [10:00-20:00]}")
    assert load(pack.folder).digest == before
    pack.change("tariffs.yaml", "amount: 15", "amount: 16")
    assert load(pack.folder).digest != before


def test_broken_content_is_refused_with_the_field(pack: Any) -> None:
    content = load(pack.folder).content()
    content["playbooks"][0]["kinds"] = ["burning"]
    content["taxonomy"]["kinds"]["waiting"]["gap"] = "wide"
    with pytest.raises(BlueprintErrors) as caught:
        Blueprint.from_content(content)
    assert [str(problem)[:36] for problem in caught.value.problems] == ["content: taxonomy.kinds.waiting.gap:"]
    content["taxonomy"]["kinds"]["waiting"]["gap"] = "delivery"
    with pytest.raises(BlueprintErrors, match=r"playbooks\[0\].kinds\[0\]: there is no kind 'burning'"):
        Blueprint.from_content(content)


@pytest.mark.parametrize(
    ("day", "amount"),
    [(date(2025, 1, 1), None), (date(2025, 12, 31), None), (date(2026, 1, 1), 15), (date(2099, 1, 1), 15)],
)
def test_a_tariff_is_the_one_in_force_on_that_day(pack: Any, day: date, amount: int | None) -> None:
    assert load(pack.folder).tariff_in_force("discount", day).rows[0].amount == amount


@pytest.mark.parametrize(("name", "day"), [("discount", date(2024, 12, 31)), ("present", date(2025, 6, 1))])
def test_where_no_tariff_is_in_force_that_is_said(pack: Any, name: str, day: date) -> None:
    with pytest.raises(NoTariffInForce, match=f"'{name}' is in force on {day}"):
        load(pack.folder).tariff_in_force(name, day)


def test_calendars_are_found_by_name_and_by_default(pack: Any) -> None:
    blueprint = load(pack.folder)
    assert blueprint.calendar_named() == blueprint.calendar_named("shop") == blueprint.calendars["shop"]
    assert blueprint.calendar_named("always") is ALWAYS


def test_standards_come_out_in_the_public_form(pack: Any) -> None:
    assert load(pack.folder).standards_file() == {
        "version": 1,
        "lateness": "PT1M",
        "standards": [
            {
                "id": "on-the-chair",
                "name": {"en": "Seated on time", "zh": "按时入座"},
                "opens": {"type": "visit.booked"},
                "closes": {"type": "visit.seated"},
                "due": {"at": "data.at", "plus": "PT10M"},
                "failure": "waiting",
            },
            {
                "id": "next-morning",
                "name": {"en": "Answered next morning", "zh": "次日上午答复"},
                "opens": {"type": "question.asked", "where": "data.kind = 'price'"},
                "closes": {"type": "question.answered"},
                "due": {"by": "10:00", "days": 1, "calendar": "shop", "cutoff": "18:00"},
                "failure": "waiting",
            },
        ],
        "calendars": {
            "shop": {
                "name": {"en": "Shop hours", "zh": "营业时间"},
                "tz": "Asia/Shanghai",
                "week": {"tue-sun": ["10:00-20:00"]},
                "holidays": ["2026-02-17"],
            }
        },
    }


def test_the_playbook_that_applies_says_why(pack: Any) -> None:
    blueprint = load(pack.folder)
    match = blueprint.playbook_for("waiting", {"severity": "severe"})
    assert (match.rule.id, str(match.explanation)) == ("tea", "always")
    with pytest.raises(LookupError, match="'burning'"):
        blueprint.playbook_for("burning", {})


def test_a_blueprint_never_changes(pack: Any) -> None:
    blueprint = load(pack.folder)
    with pytest.raises(ValidationError, match="frozen"):
        blueprint.version = "2"


def test_the_kernel_knows_no_industry() -> None:
    import amends.kernel

    words = ("airline", "flight", "passenger", "baggage", "parcel", "hotel")
    for file in Path(amends.kernel.__file__).parent.rglob("*.py"):
        code = file.read_text(encoding="utf-8").lower()
        # the notes on message variables give a flight and a parcel as examples
        code = code.replace("what the service was about: the flight, the parcel", "")
        assert not [word for word in words if word in code], file
