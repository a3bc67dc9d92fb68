"""The lifecycle of a message: queued in the transaction that needs it, sent once by its channel; or received."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

MESSAGE: Final = Lifecycle(
    name="message",
    initial="queued",
    moves={
        "queued": {"send": "sent", "fail": "failed"},
        "failed": {"retry": "queued"},
        "sent": {},
    },
    state_labels={
        "queued": Localised(en="Queued", zh="待发送"),
        "failed": Localised(en="Failed", zh="发送失败"),
        "sent": Localised(en="Sent", zh="已发送"),
    },
    move_labels={
        "send": Localised(en="Send", zh="发送"),
        "fail": Localised(en="Fail", zh="标记失败"),
        "retry": Localised(en="Try again", zh="重试"),
    },
)

RECEIVED: Final = "received"  # what comes in has no moves
