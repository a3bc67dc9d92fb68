"""What a time zone is called."""

from zoneinfo import available_timezones

import pytest

from amends.web.zones import PLACES_ZH, place_of


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [
        ("America/New_York", "New York", "纽约"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "布宜诺斯艾利斯"),
        ("Antarctica/Troll", "Troll", "Troll"),
        ("UTC", "UTC", "协调世界时"),
    ],
)
def test_a_zone_is_called_by_its_place_in_the_readers_language(zone: str, en: str, zh: str) -> None:
    assert (place_of(zone, "en"), place_of(zone, "zh")) == (en, zh)


def test_every_zone_that_has_a_chinese_name_is_there() -> None:
    assert set(PLACES_ZH) <= available_timezones()
