"""`python -m docs.generate`: bring the generated parts up to date; with `--check` only say what is not (exit 1)."""

import sys

from docs.generate import outdated, write


def main() -> int:
    """The exit code."""
    if "--check" in sys.argv[1:]:
        late = outdated()
        for page in late:
            print(f"{page.path} is not what the code says; run python -m docs.generate", file=sys.stderr)  # noqa: T201 -- its own words
        return 1 if late else 0
    for path in write():
        print(path)  # noqa: T201 -- a command's own words
    return 0


if __name__ == "__main__":
    sys.exit(main())
