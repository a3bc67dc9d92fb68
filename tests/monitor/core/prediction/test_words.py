"""Reasons in words: the strongest first, one for a group, in both languages, and never a column's bare name."""

import re

import numpy as np

from amends.kernel.text import Localised
from amends.monitor.core.prediction.columns import column_names
from amends.monitor.core.prediction.words import SAID, _said, reasons

COLUMNS = column_names(("depart",), ("data.tail",))
NAMES = {"data.tail": Localised(en="aircraft", zh="飞机")}


def told(**moved):
    row, shares = np.full(len(COLUMNS), np.nan), np.zeros(len(COLUMNS))
    for name, (value, share) in moved.items():
        row[COLUMNS.index(name)], shares[COLUMNS.index(name)] = value, share
    return reasons(COLUMNS, row, shares, NAMES)


def test_the_strongest_group_comes_first_and_says_its_strongest_figure():
    found = told(**{"data.tail.last.late": (48.0, 0.9), "data.tail.overdue": (1.0, 0.2), "lead": (300.0, -0.5)})
    assert [one.en for one in found] == [
        "Raises it: what was last promised of the same aircraft came 48 minutes late.",
        "Lowers it: 5 hours left until it is due.",
    ]
    assert found[0].zh == "升高原因：同一飞机上一次承诺晚 48 分钟。"


def test_what_moved_little_is_not_worth_a_word_and_no_more_than_three_are_said():
    assert told(lead=(30.0, 0.01)) == []
    every = dict.fromkeys(COLUMNS, (0.5, 1.0))
    assert len(told(**every)) == SAID


def test_every_figure_that_has_words_has_them_in_both_languages():
    for name in COLUMNS:
        said = _said(name, 3.0, NAMES)
        if said is not None:
            assert re.search(r"[\u4e00-\u9fff]", said.zh), name
            assert "data." not in said.en, name
            assert "_" not in said.en, name
