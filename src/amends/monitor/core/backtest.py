"""The lifecycle of a back-test: a draft of the standards, tried on history in the background."""

from datetime import timedelta
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

LEAD: Final = timedelta(days=30)  # read before the span that is asked about, so that what was open then is known
LONGEST: Final = timedelta(days=3_660)  # of one back-test

BACKTEST: Final = Lifecycle(
    name="back-test",
    initial="running",
    moves={
        "running": {"finish": "finished", "cancel": "cancelled", "fail": "failed"},
        "cancelled": {"resume": "running"},
        "failed": {"resume": "running"},
        "finished": {},
    },
    state_labels={
        "running": Localised(en="Running", zh="进行中"),
        "cancelled": Localised(en="Stopped", zh="已停止"),
        "failed": Localised(en="Could not go on", zh="未能继续"),
        "finished": Localised(en="Finished", zh="已完成"),
    },
    move_labels={
        "finish": Localised(en="Finish", zh="完成"),
        "cancel": Localised(en="Stop", zh="停止"),
        "fail": Localised(en="Fail", zh="出错"),
        "resume": Localised(en="Go on", zh="继续"),
    },
)
