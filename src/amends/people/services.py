"""Writes of the people wing: accounts, one-time links, machine tokens, units, customers and whom to handle with care.

A secret (link or token) is given out once, in the answer of the act that makes it; the database has only its hash.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from amends.people.accounts import change_staff, check_reach, end_staff, reset_factor
from amends.people.core.rights import ROLES
from amends.people.core.scopes import SCOPES, beyond_role, unknown_scopes
from amends.people.core.secrets import SHOWN, TOKEN_PREFIX, digest_of
from amends.people.core.unit_tree import BadUnits, UnitRow, checked, depth, paths_of
from amends.people.customer_import import Kept, import_customers
from amends.people.models import ApiToken, Customer, SignInLink, Staff, Unit
from amends.people.profile import known_by, lift_watch, make_known, update_profile, watch_customer
from amends.people.selectors import NotFound, access_staff, normal_email, open_links, require

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "AlreadyThere", "BadUnits", "Kept", "change_staff", "create_api_token", "create_staff", "end_staff",
    "keep_customers", "known_by", "lift_watch", "make_known", "plant_units", "reset_factor", "revoke_api_token",
    "set_watch", "sign_in_link", "token_owner", "update_profile", "use_sign_in_link", "watch_customer",
]  # fmt: skip

USED_AT_MOST_EVERY: Final = timedelta(minutes=1)  # a token's last use is no more exact, so that reads stay reads
LONGEST_LINK: Final = timedelta(days=7)


class AlreadyThere(ValueError):
    """What was to be made exists."""


@transaction.atomic
def create_staff(
    *,
    email: str,
    name: str,
    role: str,
    unit: Unit | None = None,
    locale: str = "en",
    now: datetime,
    acting_user: Staff | None,
) -> Staff:
    """Make an account without a password: its owner signs in by a link and may then set one.

    Whoever makes accounts for a unit makes none outside it; `acting_user=None` is the set-up of the system itself.

    Raises:
        AlreadyThere: the address has an account.
        NotFound: the unit is none that the acting user reaches.
        NotAllowed: they lack the right, or have a part of the company and give the whole.
        ValueError: no address, no such role, no name.
    """
    if acting_user is not None:
        require(acting_user, "work_people")
        check_reach(acting_user, unit)
    address = normal_email(email)
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(f"{email!r} is no e-mail address.") from None
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    if not name.strip():
        raise ValueError("An account needs a person's name.")
    staff = Staff(email=address, name=name.strip()[:200], role=role, unit=unit, locale=locale, created_at=now)
    staff.set_unusable_password()
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
    except IntegrityError as error:
        if Staff.objects.filter(email__iexact=address).exists():
            raise AlreadyThere(f"{address} has an account already.") from error
        raise
    return staff


def sign_in_link(staff: Staff, *, now: datetime, valid_for: timedelta) -> str:
    """A secret that signs this person in once, within a short while; links that ran out are swept on the way."""
    if not timedelta(0) < valid_for <= LONGEST_LINK:
        raise ValueError(f"A sign-in link is valid for at most {LONGEST_LINK.days} days.")
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.filter(staff=staff, expires_at__lte=now).delete()
    SignInLink.objects.create(staff=staff, digest=digest_of(secret), expires_at=now + valid_for)
    return secret


def use_sign_in_link(token: str, *, now: datetime) -> Staff | None:
    """Whom the link signs in; it is used up by this. None if there is no such link, or it was used, or ran out."""
    with transaction.atomic():
        link = open_links(token, now=now).select_for_update(of=("self",)).select_related("staff").first()
        if link is None:
            return None
        link.used_at = now
        link.save(update_fields=["used_at"])
        return link.staff


def create_api_token(
    staff: Staff, *, name: str, scopes: Iterable[str], now: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A machine's token for an account, and its secret, which is shown this once.

    Raises:
        ValueError: no such scope, one beyond the account's role, an end in the past, no name.
    """
    wanted = sorted(set(scopes))
    if unknown := unknown_scopes(wanted):
        raise ValueError(f"There is no scope {', '.join(unknown)}; there are {', '.join(SCOPES)}.")
    if beyond := beyond_role(wanted, staff.role):
        raise ValueError(f"The role {staff.role} can't give a token the scope {', '.join(beyond)}.")
    if not wanted or not name.strip():
        raise ValueError("A token needs a name and at least one scope.")
    if expires_at is not None and expires_at <= now:
        raise ValueError("The token would end before it begins.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        staff=staff,
        name=name.strip()[:100],
        digest=digest_of(secret),
        prefix=secret[:SHOWN],
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    return token, secret


def revoke_api_token(token_id: int, *, acting_user: Staff, now: datetime) -> None:
    """End a token, one's own or, with the right to do so, another's."""
    found = ApiToken.objects.filter(pk=token_id).first()
    if found is None:
        raise NotFound(f"There is no token {token_id} here.")
    if found.staff_id != acting_user.pk:
        require(acting_user, "work_people")
        access_staff(acting_user, found.staff_id)
    ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now)


def token_owner(plain: str, *, now: datetime) -> ApiToken | None:
    """The token of a secret with its account and unit, if it may be used now."""
    found = (
        ApiToken.objects.select_related("staff", "staff__unit")
        .filter(digest=digest_of(plain), revoked_at=None, staff__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )
    if found is not None and (found.last_used_at is None or now - found.last_used_at >= USED_AT_MOST_EVERY):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


@transaction.atomic
def plant_units(rows: Iterable[UnitRow | tuple[str, str | None, str, str]]) -> dict[str, int]:
    """Add or change units, (code, parent's code, English name, Chinese name), in any order; code -> id of those given.

    A unit that moves takes what is below it along.

    Raises:
        BadUnits: an unknown parent, a circle, a bad code; then nothing is kept.
    """
    Unit.objects.select_for_update().order_by("pk").first()  # two imports at once wait for each other
    given = {row.code: row for row in (checked(UnitRow(*row)) for row in rows)}
    known = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    parents = {code: unit.parent.code if unit.parent else None for code, unit in known.items()}
    parents.update({code: row.parent for code, row in given.items()})
    paths = paths_of(parents)
    ids = {code: unit.pk for code, unit in known.items()}
    touched = [code for code in parents if code in given or known[code].path != paths[code]]
    for level in sorted({depth(paths[code]) for code in touched}):
        units = [
            Unit(
                code=code,
                name_en=(given.get(code) or known[code]).name_en,
                name_zh=(given.get(code) or known[code]).name_zh,
                parent_id=ids.get(parents[code] or ""),
                path=paths[code],
            )
            for code in touched
            if depth(paths[code]) == level
        ]
        made = Unit.objects.bulk_create(
            units,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name_en", "name_zh", "parent", "path"],
            batch_size=5_000,
        )
        ids.update({unit.code: unit.pk for unit in made})
    return {code: ids[code] for code in given}


def keep_customers(rows: "pa.Table | Iterable[Mapping[str, Any]]", *, now: datetime, currency: str = "USD") -> Kept:
    """Add customers or update those with the same reference, set-wise; see `customer_import` for columns and checks.

    Bad rows are turned away with all that is wrong with them, the good ones are kept all the same. `currency`: what a
    new customer's value is in where the row does not say.
    """
    import pyarrow as pa

    table = rows if isinstance(rows, pa.Table) else _table_of(rows)
    return import_customers(table, currency=currency, now=now) if table.num_rows else Kept()


def set_watch(
    customer_ids: Iterable[int], *, until: datetime, reason: str, now: datetime, acting_user: Staff | None = None
) -> int:
    """Have customers handled with care until then (they were failed lately); a watch is never shortened. How many."""
    if acting_user is not None:
        require(acting_user, "work_cases")
    if until <= now:
        raise ValueError("A watch ends after it begins.")
    return (
        Customer.objects.filter(pk__in=list(customer_ids))
        .filter(Q(watch_until=None) | Q(watch_until__lt=until))
        .update(watch_until=until, watch_reason=reason[:200], watch_why=None)
    )


def _table_of(rows: Iterable[Mapping[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    return pa.table({name: [_written(row.get(name)) for row in listed] for name in names or ["reference"]})


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
