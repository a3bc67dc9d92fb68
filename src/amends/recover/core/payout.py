"""The lifecycle of a payout: what is owed is ordered in a batch, sent, and paid once whoever pays says so. Even then
it may come back."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

PAYOUT: Final = Lifecycle(
    name="payout",
    initial="due",
    moves={
        "due": {"order": "ordered", "cancel": "cancelled"},
        "ordered": {"send": "sent"},
        "sent": {"settle": "paid", "return": "returned"},
        "returned": {"renew": "due", "cancel": "cancelled"},
        "paid": {"return": "returned"},  # a bank may send back what it has paid
        "cancelled": {},
    },
    state_labels={
        "due": Localised(en="Due", zh="待付款"),
        "ordered": Localised(en="Ordered", zh="已下单"),
        "sent": Localised(en="Sent", zh="已送出"),
        "returned": Localised(en="Returned", zh="被退回"),
        "paid": Localised(en="Paid", zh="已付款"),
        "cancelled": Localised(en="Cancelled", zh="已取消"),
    },
    move_labels={
        "order": Localised(en="Order", zh="下单"),
        "send": Localised(en="Send", zh="送出"),
        "settle": Localised(en="Confirm payment", zh="确认付款"),
        "return": Localised(en="Take back as returned", zh="登记退回"),
        "renew": Localised(en="Pay again", zh="重新付款"),
        "cancel": Localised(en="Cancel", zh="取消"),
    },
)
