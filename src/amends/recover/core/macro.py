"""Macros: several acts on a case under one name. A step says which act, and with what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from amends.kernel.text import Localised

Act = Literal["take", "message", "promise", "do", "note", "tick", "close"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
MOST_STEPS: Final = 12
MOST_HOURS: Final = 60 * 24  # until a promised update
LABELS: Final[Mapping[Act, Localised]] = {
    "take": Localised(en="Take the case", zh="接手案件"),
    "message": Localised(en="Send a canned reply", zh="发送常用回复"),
    "promise": Localised(en="Promise the next update", zh="承诺下一次进展通知"),
    "do": Localised(en="Do an action of the plan", zh="执行方案中的措施"),
    "note": Localised(en="Write an internal note", zh="写内部备注"),
    "tick": Localised(en="Tick a step of the checklist", zh="勾选核对清单步骤"),
    "close": Localised(en="Close the case", zh="结案"),
}
NEEDS: Final[Mapping[Act, str]] = {"message": "reply", "promise": "hours", "do": "kind", "note": "text", "tick": "item"}
"""What a step says besides its act: a reply's number, how many hours, a kind of action, words, a checklist's item."""


class BadMacro(ValueError):
    """Steps that cannot be run; `place` counts from 1, 0 means the macro as a whole."""

    def __init__(self, place: int, why: Localised) -> None:
        self.place, self.why = place, why
        super().__init__(why.en)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One act of a macro."""

    act: Act
    reply: int = 0
    hours: int = 0
    kind: str = ""
    text: str = ""
    item: str = ""

    def content(self) -> dict[str, Any]:
        """As a row keeps it."""
        need = NEEDS.get(self.act)
        return {"act": self.act, **({need: getattr(self, need)} if need else {})}


def steps_of(content: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps as a row keeps them, checked.

    Raises:
        BadMacro: a step is not known or lacks what it needs.
    """
    if not 0 < len(content) <= MOST_STEPS:
        raise BadMacro(
            0, Localised(en=f"A macro has 1 to {MOST_STEPS} steps.", zh=f"一个宏包含 1 至 {MOST_STEPS} 个步骤。")
        )
    steps = []
    for place, given in enumerate(content, start=1):
        act = given.get("act")
        if act not in ACTS:
            raise BadMacro(place, Localised(en=f"Step {place} is no act.", zh=f"第 {place} 步不是可执行的操作。"))
        need = NEEDS.get(act)
        if need and not given.get(need):
            label = LABELS[act]
            raise BadMacro(
                place,
                Localised(
                    en=f"Step {place}, “{label.en}”, does not say which or what.",
                    zh=f"第 {place} 步“{label.zh}”没有说明具体内容。",
                ),
            )
        if act == "promise" and not 0 < given["hours"] <= MOST_HOURS:
            raise BadMacro(
                place,
                Localised(
                    en=f"Step {place}: an update is promised within 1 to {MOST_HOURS} hours.",
                    zh=f"第 {place} 步：承诺进展的时间为 1 至 {MOST_HOURS} 小时。",
                ),
            )
        steps.append(Step(act=act, **({need: given[need]} if need else {})))
    return tuple(steps)
