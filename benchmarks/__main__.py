"""Run benchmarks by name, or all of them: every module here that has a `main(argv)`."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path


def names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_") and _main(name) is not None)


def _main(name: str) -> object:
    return getattr(importlib.import_module(f"benchmarks.{name}"), "main", None)


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help="which ones; all if none is named")
    parser.add_argument("--quick", action="store_true", help="small inputs, to see that they run")
    # what this parser does not know is the benchmark's own, such as --signals
    chosen, further = parser.parse_known_args(argv)
    known = names()
    unknown = [name for name in chosen.name if name not in known]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    for name in chosen.name or known:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main([*further, *(["--quick"] if chosen.quick else [])])
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
