"""Cells of tables that people open in a spreadsheet."""

import re


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a plain number stays one."""
    risky = cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if risky and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell.strip()) else cell
