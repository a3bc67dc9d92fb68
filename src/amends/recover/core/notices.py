"""What notices are about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amends.kernel.text import Localised

NOTICES: Final[Mapping[str, Localised]] = MappingProxyType(
    {
        "at_risk": Localised(en="Time is running short", zh="时限将至"),
        "escalated": Localised(en="Came up to you", zh="上报给您"),
        "objected": Localised(en="The customer objects", zh="顾客有异议"),
        "answered": Localised(en="The customer answered", zh="顾客已回复"),
        "undelivered": Localised(en="Did not arrive", zh="未能送达"),
        "mention": Localised(en="You are mentioned", zh="有人提到您"),
        "to_decide": Localised(en="Yours to decide", zh="待您审批"),
        "refused": Localised(en="Refused, and yours again", zh="未获批准，仍由您处理"),
        "told_inside": Localised(en="Told you in confidence", zh="同事向您反映问题"),
        "joined_circle": Localised(en="Yours in confidence now", zh="现由您保密处理"),
        "handed_over": Localised(en="Handed over to you", zh="转交给您"),
    }
)
MANY: Final = "many:"  # a key that begins so is of a notice about several cases at once
