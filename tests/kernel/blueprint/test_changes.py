from typing import Any

from amends.kernel.blueprint import diff, load


def test_equal_packs_do_not_differ(pack: Any) -> None:
    assert diff(load(pack.folder), load(pack.folder)) == []


def test_a_changed_value_is_named_by_the_ids_around_it(pack: Any) -> None:
    before = load(pack.folder)
    pack.change("playbooks.yaml", "resolve: {within: PT1H", "resolve: {within: PT2H")
    (change,) = diff(before, load(pack.folder))
    assert str(change) == "playbooks.tea.clocks.resolve.within: PT1H -> PT2H"


def test_a_removed_and_an_added_entry_are_one_change_each(pack: Any) -> None:
    before = load(pack.folder)
    pack.change("authority.yaml", "  - id: owner", "  - id: boss")
    gone, new = diff(before, load(pack.folder))
    assert (gone.path, gone.after) == ("authority.owner", None)
    assert (new.path, new.before) == ("authority.boss", None)
    assert new.after["per_case"] == "500"


def test_versions_of_a_tariff_are_told_apart(pack: Any) -> None:
    before = load(pack.folder)
    pack.change("tariffs.yaml", "amount: 15", "amount: 16")
    (change,) = diff(before, load(pack.folder))
    assert (change.path, change.before, change.after) == ("tariffs.discount@2026-01-01.rows.[0].amount", "15", "16")


def test_the_order_of_playbooks_is_a_change_because_the_first_match_decides(pack: Any) -> None:
    before = load(pack.folder)
    text = (pack.folder / "standards.yaml").read_text(encoding="utf-8")
    head, first, second = text.split("  - id: ")
    (pack.folder / "standards.yaml").write_text(f"{head}  - id: {second}  - id: {first}", encoding="utf-8")
    (change,) = diff(before, load(pack.folder))
    assert (change.path, change.after) == ("standards.order", ["next-morning", "on-the-chair"])


def test_what_changes_there_and_back_cancels_out(pack: Any) -> None:
    before = load(pack.folder)
    pack.change("tariffs.yaml", "amount: 15", "amount: 16")
    after = load(pack.folder)
    assert [(c.path, c.before, c.after) for c in diff(before, after)] == [
        (c.path, c.after, c.before) for c in diff(after, before)
    ]
