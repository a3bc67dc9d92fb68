"""By which way words go to a customer: a letter by e-mail where they have an address, else for whoever sends it on; an
urgent one as a text to their phone, unless they asked for e-mail or it would be too long for a phone."""

from typing import Final, NamedTuple

from amends.kernel.text_message import E164, MOST_SEGMENTS, length_of

# joined to a query with `customer` in it; columns as in `Reach`
REACH: Final = f"""
    left join lateral (
        select coalesce((array_agg(address order by rank, id))[1], '') as first,
            coalesce((array_agg(address order by rank, id) filter (where kind = 'email'))[1], '') as email,
            coalesce((array_agg(address order by rank, id) filter (where kind = 'phone' and address ~ '^{E164}$'))[1],
                '') as phone
        from people_contactpoint as point where point.customer_id = customer.id
    ) as reach on true
"""
REACH_COLUMNS: Final = "reach.first, reach.email, reach.phone, customer.prefers"


class Reach(NamedTuple):
    """How a customer can be reached."""

    first: str  # the address that comes first, of whatever kind
    email: str
    phone: str  # that texts can go to
    prefers: str  # what they asked for; empty: they have not said


class Way(NamedTuple):
    """A channel, and the address there."""

    channel: str
    address: str


def by_letter(reach: Reach) -> Way:
    """The way of a letter."""
    return Way("email", reach.email) if reach.email else Way("outbox", reach.first)


def by_text(reach: Reach, text: str) -> Way | None:
    """The way of a text; None: a letter has to do."""
    if not reach.phone or reach.prefers == "email" or length_of(text).segments > MOST_SEGMENTS:
        return None
    return Way("sms", reach.phone)
