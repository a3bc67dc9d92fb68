"""Rights and scopes: one table, nothing beside it."""

from amends.people.core.rights import RIGHTS, ROLES, may
from amends.people.core.scopes import SCOPES, beyond_role, unknown_scopes


def test_every_role_has_its_line_and_no_other_is_there() -> None:
    assert set(RIGHTS) == set(ROLES)


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may("root", right) for rights in RIGHTS.values() for right in rights)


def test_who_administers_accounts_does_not_read_cases_or_customers() -> None:
    assert not may("administrator", "see_cases")
    assert not may("administrator", "see_customers")


def test_every_scope_rests_on_a_right_that_some_role_has() -> None:
    everything = frozenset().union(*RIGHTS.values())
    assert set(SCOPES.values()) <= everything


def test_scopes_beyond_a_role_and_unknown_ones_are_named() -> None:
    assert beyond_role(["read:cases", "write:approvals"], "front_line") == ["write:approvals"]
    assert unknown_scopes(["read:cases", "read:everything"]) == ["read:everything"]
