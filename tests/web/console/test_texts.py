"""Every text of the screens has its Chinese, places and all, and what is compiled is what is written."""

import re

import polib

from amends.site.messages import PO, compiled, texts, translated

PLACE = re.compile(r"%\(\w+\)s|\{\w*\}")


def test_every_text_of_the_screens_has_a_chinese_translation() -> None:
    assert len(texts()) > 300
    assert sorted(texts() - translated()) == []


def test_nothing_is_translated_that_no_screen_says() -> None:
    assert sorted(translated() - texts()) == []


def test_the_compiled_catalogue_is_in_step_with_the_written_one() -> None:
    assert PO.with_suffix(".mo").read_bytes() == compiled()


def test_a_translation_has_the_places_of_its_original() -> None:
    for entry in polib.pofile(str(PO)):
        said = entry.msgstr or entry.msgstr_plural[0]
        assert sorted(PLACE.findall(said)) == sorted(PLACE.findall(entry.msgid)), entry.msgid
