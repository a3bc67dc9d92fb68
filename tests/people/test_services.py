"""Accounts, links, tokens, units, watch: each an act of the business with its refusals."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from amends.people.core.unit_tree import BadUnits
from amends.people.models import ApiToken, Customer, SignInLink, Staff, Unit
from amends.people.selectors import NotAllowed, NotFound, units_below
from amends.people.services import (
    AlreadyThere,
    create_api_token,
    create_staff,
    end_staff,
    keep_customers,
    plant_units,
    revoke_api_token,
    set_watch,
    sign_in_link,
    token_owner,
    use_sign_in_link,
)

from .conftest import NOW

Hire = Callable[..., Staff]
HOUR = timedelta(hours=1)


def test_an_account_has_no_password_and_one_spelling_of_its_address(hire: Hire) -> None:
    staff = hire("manager", email=" Ann@Example.Test ")
    assert staff.email == "ann@example.test"
    assert not staff.has_usable_password()
    with pytest.raises(AlreadyThere):
        hire("manager", email="ANN@example.test")
    assert Staff.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"), [({"email": "nobody"}, "e-mail"), ({"role": "king"}, "no role"), ({"name": " "}, "name")]
)
def test_a_bad_account_is_refused_in_words(db: None, changes: dict[str, str], words: str) -> None:
    good = {"email": "a@example.test", "role": "manager", "name": "Ann"}
    with pytest.raises(ValueError, match=words):
        create_staff(**{**good, **changes}, now=NOW, acting_user=None)


def test_only_who_administers_people_makes_accounts(hire: Hire) -> None:
    with pytest.raises(NotAllowed):
        create_staff(email="a@example.test", name="A", role="manager", now=NOW, acting_user=hire("executive"))


def test_an_administrator_of_a_unit_makes_accounts_for_it_and_what_is_below(hire: Hire, units: dict[str, Unit]) -> None:
    boss, whole = hire("administrator", unit=units["EWR"]), hire("administrator")

    def make(name: str, unit: Unit | None, by: Staff) -> Staff:
        email = f"{name}@example.test"
        return create_staff(email=email, name=name, role="executive", unit=unit, now=NOW, acting_user=by)

    for code in ("EWR", "EWR-IAH"):
        assert make(f"own-{code}", units[code], boss).unit == units[code]
    for code in ("HQ", "JFK", "EWR_X"):
        with pytest.raises(NotFound):
            make("elsewhere", units[code], boss)
    with pytest.raises(NotAllowed):
        make("of-all", None, boss)
    with pytest.raises(NotAllowed):
        make("of-all", None, hire("administrator", unit=units["HQ"]))
    assert make("of-all", None, whole).unit is None
    assert make("of-one", units["JFK"], whole).unit == units["JFK"]


def test_a_link_signs_in_once(hire: Hire) -> None:
    staff = hire("manager")
    token = sign_in_link(staff, now=NOW, valid_for=HOUR)
    assert use_sign_in_link(token, now=NOW) == staff
    assert use_sign_in_link(token, now=NOW) is None


def test_a_link_runs_out_and_is_stored_as_a_hash(hire: Hire) -> None:
    token = sign_in_link(hire("manager"), now=NOW, valid_for=HOUR)
    assert token not in SignInLink.objects.values_list("digest", flat=True)
    assert use_sign_in_link(token, now=NOW + HOUR) is None


def test_a_link_of_a_closed_account_signs_nobody_in(hire: Hire) -> None:
    staff, boss = hire("manager"), hire("administrator")
    token = sign_in_link(staff, now=NOW, valid_for=HOUR)
    _, secret = create_api_token(staff, name="feed", scopes=["read:cases"], now=NOW)
    end_staff(staff.pk, acting_user=boss, now=NOW)
    assert use_sign_in_link(token, now=NOW) is None
    assert token_owner(secret, now=NOW) is None


def test_the_last_administrator_stays(hire: Hire) -> None:
    boss, other = hire("administrator"), hire("administrator", email="other@example.test")
    with pytest.raises(ValueError, match="own account"):
        end_staff(boss.pk, acting_user=boss, now=NOW)
    end_staff(other.pk, acting_user=boss, now=NOW)
    assert not Staff.objects.get(pk=other.pk).is_active


@pytest.mark.parametrize("days", [0, -1, 8])
def test_a_link_is_valid_for_a_while_and_no_longer(hire: Hire, days: int) -> None:
    with pytest.raises(ValueError, match="valid"):
        sign_in_link(hire("manager"), now=NOW, valid_for=timedelta(days=days))


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_link_at_once_are_one(hire: Hire) -> None:
    token = sign_in_link(hire("manager"), now=NOW, valid_for=HOUR)
    together, found = threading.Barrier(4), []

    def use() -> None:
        together.wait()
        found.append(use_sign_in_link(token, now=NOW))
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in found if one is not None]) == 1


def test_a_token_is_found_by_its_secret_until_it_ends(hire: Hire) -> None:
    token, secret = create_api_token(
        hire("manager"), name="feed", scopes=["write:signals"], now=NOW, expires_at=NOW + HOUR
    )
    assert secret.startswith("amends_")
    assert secret not in ApiToken.objects.values_list("digest", flat=True)
    assert token_owner(secret, now=NOW) == token
    assert token_owner(secret + "x", now=NOW) is None
    assert token_owner(secret, now=NOW + HOUR) is None


def test_the_last_use_of_a_token_is_written_once_a_minute(hire: Hire) -> None:
    token, secret = create_api_token(hire("manager"), name="feed", scopes=["write:signals"], now=NOW)
    for second in (0, 30, 59, 60, 61):
        token_owner(secret, now=NOW + timedelta(seconds=second))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=60)


def test_a_token_has_no_scope_beyond_its_account(hire: Hire) -> None:
    staff = hire("front_line")
    with pytest.raises(ValueError, match="write:approvals"):
        create_api_token(staff, name="x", scopes=["read:cases", "write:approvals"], now=NOW)
    with pytest.raises(ValueError, match=r"no scope read:all; there are write:signals, "):
        create_api_token(staff, name="x", scopes=["read:all"], now=NOW)
    with pytest.raises(ValueError, match="at least one"):
        create_api_token(staff, name="x", scopes=[], now=NOW)


def test_a_token_is_revoked_by_its_owner_or_an_administrator(hire: Hire) -> None:
    owner, other, boss = hire("manager"), hire("supervisor"), hire("administrator")
    for revoker in (owner, boss):
        token, secret = create_api_token(owner, name="x", scopes=["read:cases"], now=NOW)
        with pytest.raises(NotAllowed):
            revoke_api_token(token.pk, acting_user=other, now=NOW)
        revoke_api_token(token.pk, acting_user=revoker, now=NOW)
        assert token_owner(secret, now=NOW) is None
    with pytest.raises(NotFound):
        revoke_api_token(10**9, acting_user=boss, now=NOW)


def test_units_may_come_in_any_order_and_again(units: dict[str, Unit]) -> None:
    assert units["EWR-IAH"].path == "/HQ/EWR/EWR-IAH/"
    again = plant_units([("EWR", "HQ", "Newark Liberty", "纽瓦克")])
    assert again == {"EWR": units["EWR"].pk}
    assert Unit.objects.get(code="EWR").name_en == "Newark Liberty"
    assert Unit.objects.count() == len(units)


def test_a_unit_that_moves_takes_along_what_is_below(units: dict[str, Unit], hire: Hire) -> None:
    staff = hire("manager", unit=units["JFK"])
    plant_units([("EWR", "JFK", "Newark", "纽瓦克")])
    assert Unit.objects.get(code="EWR-IAH").path == "/HQ/JFK/EWR/EWR-IAH/"
    assert set(units_below(staff) or []) == {units[code].pk for code in ("JFK", "EWR", "EWR-IAH")}


def test_of_units_with_a_fault_none_is_kept(units: dict[str, Unit]) -> None:
    with pytest.raises(BadUnits, match="below themselves"):
        plant_units([("NEW", "HQ", "new", "新"), ("HQ", "EWR-IAH", "HQ", "总部")])
    with pytest.raises(BadUnits, match="NOWHERE is unknown"):
        plant_units([("NEW", "NOWHERE", "new", "新")])
    assert not Unit.objects.filter(code="NEW").exists()


def test_a_watch_is_set_and_never_shortened(db: None) -> None:
    keep_customers([{"reference": "A", "name": "A"}, {"reference": "B", "name": "B"}], now=NOW)
    ids = list(Customer.objects.values_list("id", flat=True))
    assert set_watch(ids, until=NOW + 2 * HOUR, reason="two failures", now=NOW) == 2
    assert set_watch(ids, until=NOW + HOUR, reason="one failure", now=NOW) == 0
    assert set(Customer.objects.values_list("watch_until", "watch_reason")) == {(NOW + 2 * HOUR, "two failures")}
    with pytest.raises(ValueError, match="ends"):
        set_watch(ids, until=NOW, reason="", now=NOW)
