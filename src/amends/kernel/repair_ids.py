"""The names of the repairs that a plan can be made of."""

from typing import Literal

RepairId = Literal[
    "reinstate",
    "replace",
    "redo",
    "substitute",
    "refund",
    "discount",
    "gift",
    "voucher",
    "upgrade",
    "points",
    "waiver",
    "cash",
    "acknowledge",
    "apologise_in_person",
    "apologise_in_writing",
    "explain",
    "listen",
    "follow_up_call",
]
