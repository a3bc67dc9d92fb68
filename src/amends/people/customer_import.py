"""Customers set-wise: an Arrow table goes by COPY into a temporary table, is checked there, and updates or adds rows.

A row brings what it knows. A column that is missing or null leaves what is on record as it is, so that an import of
names does not wipe a consent; a new customer gets the model's defaults, and the currency that the caller names.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.conf.locale import LANG_INFO
from django.db import connection, transaction

from amends.kernel.money import MINOR_UNITS
from amends.people.core.reserved import INSIDE
from amends.policy.scratch import know

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Final = (
    "reference", "kind", "name", "locale", "tier", "value", "currency", "vulnerable", "vulnerable_reason",
    "consent_contact", "synthetic", "email", "phone",
)  # fmt: skip
LANGUAGES: Final = sorted({code.split("-")[0] for code in LANG_INFO})  # whom we can't answer so, we answer in English
ROWS_AT_ONCE: Final = 100_000


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that was not kept: its place in what was given, counted from 0, and all that is wrong with it."""

    index: int
    reference: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became of an import; of a reference that came twice the last row is kept, and the others are rejected."""

    new: int = 0
    updated: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def import_customers(table: "pa.Table", *, currency: str, now: datetime) -> Kept:
    """Keep the good rows of a table with any of `COLUMNS`; others columns are an error, so that nothing is lost unseen.

    `currency`: what a new customer's value is in where the row does not say.

    Raises:
        ValueError: a column that customers don't have, or no `reference`.
    """
    if "reference" not in table.column_names:
        raise ValueError("A table of customers needs the column reference.")
    if strangers := sorted(set(table.column_names) - set(COLUMNS)):
        raise ValueError(f"Customers have no column {', '.join(strangers)}; they have {', '.join(COLUMNS)}.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.incoming_customer")
        cursor.execute(_INCOMING)
        for start in range(0, table.num_rows, ROWS_AT_ONCE):
            _copy(cursor, table.slice(start, ROWS_AT_ONCE), start)
        know(cursor, "pg_temp.incoming_customer")
        cursor.execute(_REJECT, {"languages": LANGUAGES, "currencies": list(MINOR_UNITS), "inside": INSIDE})
        rejected = [Rejected(index=i, reference=reference, reason=why) for i, reference, why in cursor.fetchall()]
        cursor.execute(_LAST_OF_EACH)
        rejected += [Rejected(index=i, reference=reference, reason=why) for i, reference, why in cursor.fetchall()]
        cursor.execute(_NORMALISE)
        cursor.execute(_ADD, {"now": now, "currency": currency})
        new = cursor.rowcount
        cursor.execute(_UPDATE)
        updated = cursor.rowcount - new
        for kind in ("email", "phone"):
            cursor.execute(_FORGET_ADDRESSES, {"kind": kind})
            cursor.execute(_ADD_ADDRESSES, {"kind": kind})
        cursor.execute(_PREFERRED_FIRST)
        cursor.execute("drop table pg_temp.incoming_customer")
    return Kept(new=new, updated=updated, rejected=sorted(rejected, key=lambda one: one.index))


def _copy(cursor: Any, rows: "pa.Table", start: int) -> None:
    import pyarrow as pa  # here: few processes need it, and it takes long to load
    import pyarrow.csv

    columns = {"position": pa.array(range(start, start + rows.num_rows), pa.int64())}
    for name in rows.column_names:
        column = rows.column(name)
        columns[name] = column if pa.types.is_boolean(column.type) else column.cast(pa.string())
    out = io.BytesIO()
    pyarrow.csv.write_csv(pa.table(columns), out, pyarrow.csv.WriteOptions(include_header=False))
    with cursor.copy(f"copy pg_temp.incoming_customer ({', '.join(columns)}) from stdin (format csv)") as copy:
        copy.write(out.getbuffer())


# Text, so that what is wrong with a value is found by the checks below and not by a failed COPY.
_INCOMING: Final = f"""
create temporary table incoming_customer (
    position bigint, {", ".join(f"{name} text" for name in COLUMNS)}, customer_id bigint
) on commit drop
"""

_REJECT: Final = r"""
with judged as (
    select position, nullif(concat_ws('; ',
        case
            when reference is null or btrim(reference) = '' then 'it has no reference'
            when length(reference) > 100 or reference ~ '[[:cntrl:]]'
                then 'the reference has more than 100 characters or unprintable ones'
            when starts_with(reference, %(inside)s) then format('no customer''s reference begins with %%s', %(inside)s)
        end,
        case when kind not in ('external', 'internal') then format('unknown kind %%s: external or internal', kind) end,
        case when length(locale) > 16 or locale !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$'
            or not lower(substring(locale from '^[A-Za-z]+')) = any(%(languages)s)
            then format('unknown locale %%s: such as en, en-GB, zh-CN', locale) end,
        case when length(name) > 200 then 'the name has more than 200 characters' end,
        case when length(tier) > 32 then 'the tier has more than 32 characters' end,
        case when value !~ '^[0-9]{1,12}(\.[0-9]+)?$' then format('the value %%s is no amount of money', value) end,
        case when not currency = any(%(currencies)s) then format('unknown currency %%s', currency) end,
        case when vulnerable not in ('true', 'false') then 'vulnerable is neither true nor false' end,
        case when consent_contact not in ('true', 'false') then 'consent_contact is neither true nor false' end,
        case when synthetic not in ('true', 'false') then 'synthetic is neither true nor false' end,
        case when length(vulnerable_reason) > 200 then 'vulnerable_reason has more than 200 characters' end,
        case when email <> '' and (length(email) > 254 or btrim(email) !~ '^[^@\s]+@[^@\s]+$')
            then format('%%s is no e-mail address', left(email, 100)) end,
        case when phone <> '' and regexp_replace(phone, '[\s().\-/]', '', 'g') !~ '^\+?[0-9]{5,20}$'
            then format('%%s is no telephone number', left(phone, 100)) end,
        case when coalesce(name, '') = '' and not exists (select from people_customer c where c.reference = i.reference)
            then 'a new customer needs a name' end
    ), '') as reason
    from pg_temp.incoming_customer i
)
delete from pg_temp.incoming_customer i using judged
where judged.position = i.position and judged.reason is not null
returning i.position, left(i.reference, 100), judged.reason
"""

_LAST_OF_EACH: Final = """
delete from pg_temp.incoming_customer i using (
    select position, max(position) over (partition by reference) as last from pg_temp.incoming_customer
) ranked
where ranked.position = i.position and ranked.last > i.position
returning i.position, i.reference, format('the customer comes again at index %s, and that row counts', ranked.last)
"""

_NORMALISE: Final = r"""
update pg_temp.incoming_customer
set email = lower(btrim(email)), phone = regexp_replace(phone, '[\s().\-/]', '', 'g')
where email is distinct from lower(btrim(email)) or phone ~ '[\s().\-/]'
"""

# In the order of the reference, here and below: two imports at once wait for each other and never in a circle.
_ADD: Final = """
insert into people_customer (
    reference, kind, name, locale, tier, value, currency, vulnerable, vulnerable_reason, consent_contact, synthetic,
    watch_reason, created_at
)
select reference, coalesce(kind, 'external'), name, coalesce(locale, 'en'), coalesce(tier, ''),
    coalesce(value::numeric, 0), coalesce(currency, %(currency)s), coalesce(vulnerable::boolean, false),
    coalesce(vulnerable_reason, ''), coalesce(consent_contact::boolean, true), coalesce(synthetic::boolean, false),
    '', %(now)s
from pg_temp.incoming_customer
where coalesce(name, '') <> ''
order by reference
on conflict (reference) do nothing
"""

_UPDATE: Final = """
with locked as (
    select c.id, i.position from people_customer c join pg_temp.incoming_customer i using (reference)
    where c.staff_id is null order by c.reference for no key update of c
), found as (
    update pg_temp.incoming_customer i set customer_id = locked.id from locked where locked.position = i.position
    returning i.*
), changed as (
    update people_customer c set
        kind = coalesce(f.kind, c.kind),
        name = coalesce(nullif(f.name, ''), c.name),
        locale = coalesce(f.locale, c.locale),
        tier = coalesce(f.tier, c.tier),
        value = coalesce(f.value::numeric, c.value),
        currency = coalesce(f.currency, c.currency),
        vulnerable = coalesce(f.vulnerable::boolean, c.vulnerable),
        vulnerable_reason = coalesce(f.vulnerable_reason, c.vulnerable_reason),
        consent_contact = coalesce(f.consent_contact::boolean, c.consent_contact),
        synthetic = coalesce(f.synthetic::boolean, c.synthetic)
    from found f
    where c.id = f.customer_id and (
        c.kind, c.name, c.locale, c.tier, c.value, c.currency, c.vulnerable, c.vulnerable_reason, c.consent_contact,
        c.synthetic
    ) is distinct from (
        coalesce(f.kind, c.kind), coalesce(nullif(f.name, ''), c.name), coalesce(f.locale, c.locale),
        coalesce(f.tier, c.tier), coalesce(f.value::numeric(14, 2), c.value), coalesce(f.currency, c.currency),
        coalesce(f.vulnerable::boolean, c.vulnerable), coalesce(f.vulnerable_reason, c.vulnerable_reason),
        coalesce(f.consent_contact::boolean, c.consent_contact), coalesce(f.synthetic::boolean, c.synthetic)
    )
)
select customer_id from found
"""

# A new address of a kind takes the place of the old ones: words sent to a stale address reach a stranger.
_FORGET_ADDRESSES: Final = """
delete from people_contactpoint p using pg_temp.incoming_customer i
where p.customer_id = i.customer_id and p.kind = %(kind)s
    and case %(kind)s when 'email' then i.email else i.phone end <> p.address
"""

_ADD_ADDRESSES: Final = """
insert into people_contactpoint (customer_id, kind, address, rank)
select customer_id, %(kind)s, case %(kind)s when 'email' then email else phone end,
    case %(kind)s when 'email' then 0 else 1 end
from pg_temp.incoming_customer
where case %(kind)s when 'email' then email else phone end <> '' and customer_id is not null
order by customer_id
on conflict (customer_id, kind, address) do nothing
"""

# Who said how they want to be reached keeps that through a new address.
_PREFERRED_FIRST: Final = """
update people_contactpoint p set rank = (p.kind <> c.prefers)::int
from pg_temp.incoming_customer i join people_customer c on c.id = i.customer_id
where p.customer_id = c.id and c.prefers <> '' and p.rank <> (p.kind <> c.prefers)::int
"""
