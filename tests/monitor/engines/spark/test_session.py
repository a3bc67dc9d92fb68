"""Spark without what it needs: said in words."""

import os
import subprocess
import sys
from pathlib import Path


def test_without_java_it_is_said_which_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,type,subject,time\n1,open,S1,2026-01-05T10:00:00Z\n")
    (tmp_path / "s.yaml").write_text(
        "version: 1\nlateness: P1D\nstandards:\n  - {id: never, forbids: {type: open}, failure: slow}\n"
    )
    given = [str(tmp_path / "a.csv"), "--standards", str(tmp_path / "s.yaml"), "--out", str(tmp_path)]
    given += ["--engine", "spark"]
    ran = subprocess.run(
        [sys.executable, "-m", "amends.cli", "replay", *given],
        env={**os.environ, "JAVA_HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "it needs Java 17 or newer" in ran.stderr
