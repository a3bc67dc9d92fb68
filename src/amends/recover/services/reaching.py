"""By which way words go to a customer: a letter by e-mail where they have an address, else for whoever sends it on; an
urgent one as a text to their phone, unless they asked for e-mail or it would be too long for a phone.

No letter goes to a telephone number: whoever has told us nothing else gets a text, and where none reaches them, a call.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from amends.kernel.text import Localised, language_of
from amends.kernel.text_message import MOST_SEGMENTS, Home, length_of, plain, texted_at

# joined to a query with `customer` in it; columns as in `Reach`
REACH: Final = """
    left join lateral (
        select coalesce((array_agg(address order by rank, id))[1], '') as first,
            coalesce((array_agg(address order by rank, id) filter (where kind = 'email'))[1], '') as email,
            coalesce(array_agg(address order by rank, id) filter (where kind = 'phone'), '{}') as phones
        from people_contactpoint as point where point.customer_id = customer.id
    ) as reach on true
"""
REACH_COLUMNS: Final = "reach.email, reach.phones, customer.prefers"


class Reach(NamedTuple):
    """How a customer can be reached."""

    email: str
    phones: Sequence[str]
    prefers: str  # what they asked for; empty: they have not said


class Way(NamedTuple):
    """A channel, and the address there."""

    channel: str
    address: str


def by_letter(reach: Reach) -> Way | None:
    """The way of a letter; None: they have given us a telephone number and nothing else."""
    if reach.email:
        return Way("email", reach.email)
    return None if reach.phones else Way("outbox", "")


def by_text(reach: Reach, text: str, home: Home | None) -> Way | None:
    """The way of a text, to the first phone that one reaches; None: a letter has to do."""
    if (reach.prefers == "email" and reach.email) or not reach.phones or length_of(text).segments > MOST_SEGMENTS:
        return None
    return next((Way("sms", at) for number in reach.phones if (at := texted_at(number, home))), None)


def in_short(subject: str, *, company: Localised, link: str, locale: str) -> str:
    """A letter as a text: what it is about, and where the customer reads the rest."""
    if language_of(locale) == "zh":
        return f"【{company.zh}】{subject}。详情请见：{link}"
    return plain(f"{company.en}: {subject}. All about it: {link}")
