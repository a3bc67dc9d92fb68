"""The lifecycle of an approval: it waits until somebody of the right level decides, or until nobody needs it any
more; one that waits too long goes further up and waits there."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

APPROVAL: Final = Lifecycle(
    name="approval",
    initial="waiting",
    moves={
        "waiting": {"grant": "granted", "refuse": "refused", "withdraw": "withdrawn", "escalate": "waiting"},
        "granted": {},
        "refused": {},
        "withdrawn": {},
    },
    state_labels={
        "waiting": Localised(en="Waiting", zh="待审批"),
        "granted": Localised(en="Granted", zh="已批准"),
        "refused": Localised(en="Refused", zh="已驳回"),
        "withdrawn": Localised(en="Withdrawn", zh="已撤回"),
    },
    move_labels={
        "grant": Localised(en="Grant", zh="批准"),
        "refuse": Localised(en="Refuse", zh="驳回"),
        "withdraw": Localised(en="Withdraw", zh="撤回"),
        "escalate": Localised(en="Pass further up", zh="上报上级"),
    },
)
