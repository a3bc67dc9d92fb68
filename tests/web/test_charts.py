"""The ring's figure says what the numbers say; labels fit; nothing is drawn from nothing."""

from hypothesis import given
from hypothesis import strategies as st

from amends.web.charts import SHERDS, HeatRow, Station, Ware, bar, heat_map, ring_figure

counts = st.integers(min_value=0, max_value=10**7)


def pieces(ware: Ware) -> dict[str, int]:
    drawn = ring_figure([Station(label="cases", value="1")], ware, title="", headline="", caption=[])
    return {how: drawn.count(f'class="sherd {how} ') for how in ("mended", "in-hand", "missing")}


@given(made_good=counts, in_hand=counts, open_=counts)
def test_every_sherd_of_the_ring_is_an_equal_share_of_the_broken_promises(
    made_good: int, in_hand: int, open_: int
) -> None:
    ware = Ware(made_good=made_good, in_hand=in_hand, open=open_)
    drawn = pieces(ware)
    assert sum(drawn.values()) == SHERDS
    for how, count in (("mended", made_good), ("in-hand", in_hand), ("missing", open_)):
        if ware.broken:
            assert abs(drawn[how] - count * SHERDS / ware.broken) <= 2
            assert bool(drawn[how]) == bool(count)


def test_gold_is_only_where_something_was_made_good() -> None:
    assert "gold-seam" not in ring_figure([], Ware(made_good=0, in_hand=3, open=9), title="", headline="", caption=[])
    assert "gold-seam" in ring_figure([], Ware(made_good=1, in_hand=0, open=999), title="", headline="", caption=[])


def test_the_same_figures_draw_the_same_ring() -> None:
    ware = Ware(made_good=30, in_hand=10, open=20)
    first, second = (ring_figure([], ware, title="", headline="", caption=[]) for _ in range(2))
    assert first == second


def test_labels_are_text_and_never_markup() -> None:
    drawn = ring_figure(
        [Station(label="<b>", value="&")],
        Ware(made_good=0, in_hand=0, open=1),
        title='"',
        headline="<",
        caption=["<i>"],
    )
    assert "<b>" not in drawn
    assert "<i>" not in drawn


def test_a_bar_stays_within_its_cell_and_shows_its_interval() -> None:
    assert 'width="100.0%"' in bar(7.0)
    assert 'width="0.0%"' in bar(-1.0)
    assert '<line class="interval" x1="20.0%" x2="40.0%"' in bar(0.3, low=0.2, high=0.4)


def test_a_heat_map_has_a_cell_for_each_number_and_cuts_long_labels() -> None:
    rows = [HeatRow(label="纽约肯尼迪国际机场一号航站楼值机柜台与登机口及行李提取处", values=(0, 5, 1200))]
    drawn = heat_map(rows, ["0", "1", "2"], title="")
    assert drawn.count('class="heat ') == 2
    assert ">1k<" in drawn
    assert "…" in drawn


def test_a_narrow_heat_map_is_as_wide_as_its_cells_and_has_its_names_above_them() -> None:
    rows = [HeatRow(label="Check-in", values=(1, 2)), HeatRow(label="Gate", values=(3, 0))]
    drawn = heat_map(rows, ["0", "2"], title="", narrow=True)
    assert 'viewBox="0 0 60 ' in drawn
    assert drawn.count('class="heat ') == 3
    assert drawn.count('class="heat-label" x="1"') == 2
