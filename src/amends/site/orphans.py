"""Children that don't outlive their parent, even when it is killed -9 (Linux; elsewhere they just live on)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """What a child has to call between fork and exec to get this signal when its parent's thread ends.

    For `preexec_fn`, in processes of one thread only. The user must have been changed before: that clears it."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform.startswith("linux") else None

    def bind() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    return bind
