"""The lifecycle of a case, from the failure found to the failure made good."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

CASE: Final = Lifecycle(
    name="case",
    initial="found",
    moves={
        "found": {"plan": "planned", "withdraw": "withdrawn", "merge": "merged"},
        "planned": {"start": "in_progress", "wait": "paused", "withdraw": "withdrawn", "merge": "merged"},
        "in_progress": {
            "finish": "awaiting_customer",
            "object": "objected",
            "wait": "paused",
            "withdraw": "withdrawn",
            "merge": "merged",
        },
        "paused": {
            "resume": "in_progress",
            "finish": "awaiting_customer",
            "object": "objected",
            "withdraw": "withdrawn",
            "merge": "merged",
        },
        "awaiting_customer": {
            "accept": "made_good",
            "object": "objected",
            "resume": "in_progress",
            "close": "closed",
            "withdraw": "withdrawn",
            "merge": "merged",
        },
        "made_good": {"object": "objected", "resume": "in_progress", "close": "closed", "merge": "merged"},
        "objected": {
            "resume": "in_progress",
            "accept": "made_good",
            "wait": "paused",
            "withdraw": "withdrawn",
            "merge": "merged",
        },
        "closed": {"reopen": "in_progress", "object": "objected"},
        "withdrawn": {"reopen": "in_progress"},
        "merged": {},
    },
    state_labels={
        "found": Localised(en="Found", zh="已发现"),
        "planned": Localised(en="Planned", zh="已定方案"),
        "in_progress": Localised(en="In progress", zh="补救中"),
        "paused": Localised(en="Paused for the customer", zh="暂停，等顾客补充"),
        "awaiting_customer": Localised(en="Awaiting the customer", zh="等待顾客答复"),
        "made_good": Localised(en="Made good", zh="已补救"),
        "objected": Localised(en="Objected", zh="顾客有异议"),
        "closed": Localised(en="Closed", zh="已结案"),
        "withdrawn": Localised(en="Withdrawn", zh="已撤销"),
        "merged": Localised(en="Merged", zh="已并入"),
    },
    move_labels={
        "plan": Localised(en="Plan", zh="制定方案"),
        "start": Localised(en="Start", zh="开始补救"),
        "finish": Localised(en="Finish our part", zh="完成我方措施"),
        "accept": Localised(en="Accept", zh="顾客接受"),
        "object": Localised(en="Object", zh="提出异议"),
        "wait": Localised(en="Wait for the customer", zh="等待顾客补充"),
        "resume": Localised(en="Resume", zh="继续补救"),
        "close": Localised(en="Close", zh="结案"),
        "reopen": Localised(en="Reopen", zh="重新处理"),
        "withdraw": Localised(en="Withdraw", zh="撤销"),
        "merge": Localised(en="Merge into another", zh="并入另案"),
    },
)

SETTLED: Final = frozenset({"closed", "withdrawn", "merged"})
"""Nothing more is expected; only a reopening leads out, and of a merged one nothing: it goes on in the other."""
OWED: Final = frozenset({"found", "planned", "in_progress", "objected"})  # our part is still to be done, and by us
