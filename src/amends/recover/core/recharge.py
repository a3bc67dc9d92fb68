"""The lifecycle of a recharge claim: what a supplier's fault cost us, claimed back from them.

While it is open its amount follows what the case is given; once sent it stands at what was sent. `recall` takes it
back, to be sent again with what has been given since.
"""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

RECHARGE: Final = Lifecycle(
    name="recharge",
    initial="open",
    moves={
        "open": {"send": "sent", "withdraw": "withdrawn"},
        "sent": {"settle": "settled", "refuse": "refused", "recall": "open", "withdraw": "withdrawn"},
        "refused": {"recall": "open", "withdraw": "withdrawn"},
        "withdrawn": {"reopen": "open"},
        "settled": {},
    },
    state_labels={
        "open": Localised(en="Open", zh="待提出"),
        "sent": Localised(en="Sent", zh="已提出"),
        "settled": Localised(en="Settled", zh="已收回"),
        "refused": Localised(en="Refused", zh="被拒绝"),
        "withdrawn": Localised(en="Withdrawn", zh="已撤回"),
    },
    move_labels={
        "send": Localised(en="Send to the supplier", zh="向供应商提出"),
        "settle": Localised(en="Settle", zh="确认收回"),
        "refuse": Localised(en="Refused by the supplier", zh="供应商拒绝"),
        "recall": Localised(en="Take back", zh="收回重提"),
        "withdraw": Localised(en="Withdraw", zh="撤回"),
        "reopen": Localised(en="Claim again", zh="重新追偿"),
    },
)
