"""A small sound pack of another industry (a barber's shop), and copies of it to be broken."""

import shutil
from pathlib import Path

import pytest

BARBER = Path(__file__).parent / "barber"


class Pack:
    """A pack on disk that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, file: str, old: str, new: str) -> int:
        """Replaces the only place of the text; returns the line on which it starts."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} comes {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def line_of(self, file: str, text: str) -> int:
        """The first line that holds the text."""
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    shutil.copytree(BARBER, tmp_path / "barber")
    return Pack(tmp_path / "barber")
