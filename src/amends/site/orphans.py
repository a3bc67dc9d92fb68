"""Processes that don't outlive their parent, even when it is killed -9 (Linux; elsewhere they just live on)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform.startswith("linux") else None


def bind_to(parent: int, how: signal.Signals) -> None:
    """From now on this process gets the signal when the thread that made it ends; at once if that has happened."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), how)


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """The same as a `preexec_fn`, called by the thread that ends last. A change of user undoes it."""
    parent = os.getpid()
    return lambda: bind_to(parent, how)
