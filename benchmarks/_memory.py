"""The most memory that this process has had."""

from pathlib import Path


def peak() -> float:
    """In MB, of this program alone: what `getrusage` tells begins with that of the process it was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
