"""Incident candidates: failures that are likely to have one cause, until a person says whether they have.

The key is a fingerprint of what speaks for the cause and when it began, so the same trouble is proposed once.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

CANDIDATE: Final = Lifecycle(
    name="candidate",
    initial="proposed",
    moves={
        "proposed": {"confirm": "confirmed", "dismiss": "dismissed", "lapse": "lapsed"},
        "confirmed": {},
        "dismissed": {"reconsider": "proposed"},
        "lapsed": {"reconsider": "proposed"},
    },
    state_labels={
        "proposed": Localised(en="To be decided", zh="待确认"),
        "confirmed": Localised(en="Confirmed", zh="已确认"),
        "dismissed": Localised(en="Dismissed", zh="已排除"),
        "lapsed": Localised(en="Lapsed", zh="已失效"),
    },
    move_labels={
        "confirm": Localised(en="Confirm", zh="确认"),
        "dismiss": Localised(en="Dismiss", zh="排除"),
        "lapse": Localised(en="Lapse", zh="失效"),
        "reconsider": Localised(en="Look again", zh="重新考虑"),
    },
)


def fingerprint(basis: str, cause: str, began_at: datetime) -> str:
    """Equal for the same trouble: what speaks for it, which cause, and when it began."""
    parts = "\x1f".join((basis, cause, began_at.astimezone(UTC).isoformat()))
    return f"{basis}/{hashlib.sha256(parts.encode()).hexdigest()[:32]}"
