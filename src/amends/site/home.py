"""The data folder of one Amends: `AMENDS_HOME`, by default `~/.amends`. Only its owner may look inside."""

import os
import secrets
from pathlib import Path


def home_folder(given: Path | str | None = None) -> Path:
    """The data folder as an absolute path, symbolic links resolved; it need not exist yet."""
    return Path(given or os.environ.get("AMENDS_HOME") or "~/.amends").expanduser().resolve()


def open_home(given: Path | str | None = None) -> Path:
    """The data folder, made if it was not there. A folder that exists keeps the mode that its owner chose."""
    folder = home_folder(given)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def secret_key() -> str:
    """What signs sessions and links: `AMENDS_SECRET_KEY`, else a key made once and kept in the data folder."""
    given = os.environ.get("AMENDS_SECRET_KEY")
    if given:
        return given
    kept = open_home() / "secret_key"
    if not kept.exists():
        fresh = kept.with_name(f"secret_key.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64), encoding="ascii")
        try:
            kept.hardlink_to(fresh)  # the first of two processes wins, and nobody reads half a key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii")
