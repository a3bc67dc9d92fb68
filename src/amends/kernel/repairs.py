"""The repairs that a plan can be made of: tangible ones give something back, psychological ones mend how it felt.

The two sorts and the phases are those of Fitzsimmons and of Bell & Zemke (1987, recalled). A repair is done by an
action of some kind; it speaks for one or more of the three justices (Tax, Brown & Chandrashekaran 1998, recalled).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal

from amends.kernel.repair_ids import RepairId
from amends.kernel.text import Localised

WRITTEN: Final = frozenset({"outbox", "sms"})  # channels of an action by which words go out as they are written
ONLY_WORDS: Final = frozenset(
    {"apology", "explanation", "progress_notice", "follow_up"}
)  # kinds done once they are said
ADDED: Final = "added."  # a step of a plan whose id begins so was added by a person: `added.redo.1`


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One sort of repair, and what is usual for it."""

    id: RepairId
    name: Localised
    sort: Literal["tangible", "psychological"]
    kind: str  # of action
    remedy: str = ""  # of the ledger, where it gives worth
    phase: Literal["immediate", "follow_up"] = "immediate"
    channel: Literal["outbox", "phone", ""] = ""  # how it usually reaches the customer; empty: in person
    within: timedelta = timedelta(days=1)
    justice: tuple[str, ...]
    why: Localised


def _tangible(id_: RepairId, en: str, zh: str, kind: str, why: tuple[str, str], *justice: str) -> Repair:
    return Repair(
        id=id_,
        name=Localised(en=en, zh=zh),
        sort="tangible",
        kind=kind,
        justice=justice,
        why=Localised(en=why[0], zh=why[1]),
    )


def _worth(id_: RepairId, en: str, zh: str, why: tuple[str, str]) -> Repair:
    return Repair(
        id=id_,
        name=Localised(en=en, zh=zh),
        sort="tangible",
        kind="compensation",
        remedy=id_,
        channel="outbox",
        justice=("distributive",),
        why=Localised(en=why[0], zh=why[1]),
    )


_ALL: Final = (
    _tangible(
        "reinstate",
        "reinstate the service",
        "恢复服务",
        "reinstatement",
        ("What was promised is still to be had, so it is put in order.", "承诺的服务仍应兑现，因此先予恢复。"),
        "distributive",
        "procedural",
    ),
    _tangible(
        "replace",
        "replace what was faulty",
        "更换",
        "reinstatement",
        ("What was faulty is exchanged for what is sound.", "有问题的物品换成完好的。"),
        "distributive",
    ),
    _tangible(
        "redo",
        "do it again",
        "重新提供",
        "reinstatement",
        ("The service failed, so it is done again, this time as promised.", "服务没有做好，因此按承诺重新提供一次。"),
        "distributive",
        "procedural",
    ),
    _tangible(
        "substitute",
        "substitute service",
        "替代服务",
        "substitute",
        (
            "What was promised cannot be had, so something as good takes its place.",
            "原服务无法提供，因此安排同等的替代服务。",
        ),
        "distributive",
        "procedural",
    ),
    _worth("refund", "refund", "退款", ("What was not delivered is not paid for.", "没有兑现的服务不应收费。")),
    _worth("discount", "discount", "折扣", ("What was worth less costs less.", "服务打了折扣，价格也应相应减少。")),
    _worth("gift", "gift", "礼品", ("A token says that we do not take it lightly.", "以一份心意表示我们的重视。")),
    _worth(
        "voucher",
        "voucher",
        "代金券",
        ("It makes up for some of the loss the next time.", "在下次消费时弥补部分损失。"),
    ),
    _worth(
        "upgrade", "upgrade", "升级", ("Something better makes up for what was worse.", "以更好的服务弥补这次的不足。")
    ),
    _worth("points", "points", "积分", ("Points make up for some of the loss.", "以积分弥补部分损失。")),
    _worth(
        "waiver",
        "waiver of fees",
        "费用减免",
        ("The failure should not cost the customer a fee.", "失误不应让顾客再付费用。"),
    ),
    _worth(
        "cash",
        "cash payment",
        "现金补偿",
        ("The loss was in money, so it is made up in money.", "损失的是钱，就用钱来弥补。"),
    ),
    Repair(
        id="acknowledge",
        name=Localised(en="acknowledge", zh="告知已受理"),
        sort="psychological",
        kind="progress_notice",
        channel="outbox",
        within=timedelta(hours=1),
        justice=("procedural", "interactional"),
        why=Localised(en="The customer should know that we know.", zh="让顾客知道我们已经知情并在处理。"),
    ),
    Repair(
        id="apologise_in_person",
        name=Localised(en="apologise in person", zh="当面致歉"),
        sort="psychological",
        kind="apology",
        within=timedelta(hours=2),
        justice=("interactional",),
        why=Localised(en="An apology counts for more from a person than on paper.", zh="当面道歉比书面道歉更有诚意。"),
    ),
    Repair(
        id="apologise_in_writing",
        name=Localised(en="apologise in writing", zh="书面致歉"),
        sort="psychological",
        kind="apology",
        channel="outbox",
        within=timedelta(hours=2),
        justice=("interactional",),
        why=Localised(en="The customer is owed an apology that they can keep.", zh="应向顾客郑重地书面致歉。"),
    ),
    Repair(
        id="explain",
        name=Localised(en="explain", zh="说明原因"),
        sort="psychological",
        kind="explanation",
        channel="outbox",
        within=timedelta(hours=4),
        justice=("procedural", "interactional"),
        why=Localised(en="Whoever was let down has a right to know why.", zh="受到影响的顾客有权知道原因。"),
    ),
    Repair(
        id="listen",
        name=Localised(en="listen", zh="倾听"),
        sort="psychological",
        kind="call",
        channel="phone",
        within=timedelta(hours=2),
        justice=("procedural", "interactional"),
        why=Localised(en="The customer is heard before anything is offered.", zh="先听顾客把话说完，再谈如何补偿。"),
    ),
    Repair(
        id="follow_up_call",
        name=Localised(en="follow-up call after a week", zh="一周后回访"),
        sort="psychological",
        kind="follow_up",
        phase="follow_up",
        channel="phone",
        within=timedelta(days=7),
        justice=("interactional",),
        why=Localised(
            en="Only the customer can say whether it was made good.", zh="是否真正补救到位，只有顾客说了算。"
        ),
    ),
)
REPAIRS: Final[Mapping[str, Repair]] = MappingProxyType({repair.id: repair for repair in _ALL})

_BY_KIND: Final[Mapping[str, RepairId]] = {
    "reinstatement": "reinstate",
    "substitute": "substitute",
    "explanation": "explain",
    "progress_notice": "acknowledge",
    "call": "listen",
    "follow_up": "follow_up_call",
}


def repair_of(*, step: str, kind: str, remedy: str, channel: str) -> Repair | None:
    """Which repair an action of a plan is; None for what is done for the employee and not for the customer."""
    if step.startswith(ADDED):
        return REPAIRS.get(step.split(".")[1])
    if kind == "apology":
        return REPAIRS["apologise_in_writing" if channel in WRITTEN else "apologise_in_person"]
    return REPAIRS.get(remedy if kind == "compensation" else _BY_KIND.get(kind, ""))
