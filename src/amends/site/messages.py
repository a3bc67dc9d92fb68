"""The texts of the screens without the gettext tools: find what is to be translated, compile .po to .mo.

The .mo is committed, so running needs neither; after every change of a text, `make messages` compiles it and names
what has no translation yet.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent
PO = PACKAGE / "web" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ACCOUNTS = tuple(
    PACKAGE / "web" / "locale_of_accounts" / language / "LC_MESSAGES" / "django.po" for language in ("en", "zh_Hans")
)
"""What the pages of Django and allauth say, in the words that our own pages use."""
TEMPLATES = PACKAGE / "web" / "templates"

_CALLS = {"gettext": 1, "gettext_lazy": 1, "_": 1, "ngettext": 2, "ngettext_lazy": 2, "pgettext": 1, "pgettext_lazy": 1}
_TRANSLATE = re.compile(r"""{%\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""")
_BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_PLACE = re.compile(r"{{\s*(\w+)\s*}}")
_UNDERSCORE = re.compile(r"""_\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")


@dataclass(frozen=True, order=True, kw_only=True)
class Text:
    """One text that a screen shows, as gettext looks it up."""

    singular: str
    plural: str = ""
    context: str = ""


def texts() -> set[Text]:
    """Every text in our templates and in the code of the web wing that is marked for translation."""
    found = {text for path in TEMPLATES.rglob("*.html") for text in _in_template(path.read_text(encoding="utf-8"))}
    code = (path for path in (PACKAGE / "web").rglob("*.py"))
    return found | {text for path in code for text in _in_code(path.read_text(encoding="utf-8"))}


def _in_template(source: str) -> Iterator[Text]:
    for pattern in (_TRANSLATE, _UNDERSCORE):
        for match in pattern.finditer(source):
            yield Text(singular=(match[1] or match[2]).replace("%", "%%"))  # as Django looks it up
    for match in _BLOCK.finditer(source):
        parts = [_PLACE.sub(r"%(\1)s", part.replace("%", "%%")) for part in _PLURAL.split(match[2])]
        yield Text(singular=parts[0], plural=parts[1] if len(parts) > 1 else "")


def _in_code(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or name not in _CALLS:
            continue
        given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        words = [value for value in given if isinstance(value, str)]
        if name.startswith("pgettext") and len(words) > 1:
            yield Text(singular=words[1], context=words[0])
        elif words:
            yield Text(singular=words[0], plural=words[1] if _CALLS[name] == 2 and len(words) > 1 else "")


def translated(po: Path = PO) -> set[Text]:
    """What the catalogue has in Chinese."""
    return {
        Text(singular=entry.msgid, plural=entry.msgid_plural, context=entry.msgctxt or "")
        for entry in polib.pofile(str(po)).translated_entries()
    }


def compiled(po: Path = PO) -> bytes:
    """The .mo of a .po file."""
    return bytes(polib.pofile(str(po)).to_binary())


def main() -> None:
    """Compile the catalogues; fail if a text has no translation."""
    for catalogue in (PO, *ACCOUNTS):
        catalogue.with_suffix(".mo").write_bytes(compiled(catalogue))
    missing = sorted(texts() - translated())
    for text in missing:
        sys.stderr.write(f"no Chinese yet: {text.singular!r}\n")
    sys.stdout.write(f"{PO.relative_to(PACKAGE)}: {len(translated())} texts\n")
    raise SystemExit(1 if missing else 0)


if __name__ == "__main__":
    main()
