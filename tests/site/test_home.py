from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from amends.site.home import home_folder, open_home, secret_key


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_HOME", str(tmp_path / "above" / "home"))
    monkeypatch.delenv("AMENDS_SECRET_KEY", raising=False)


def test_a_look_makes_nothing(tmp_path: Path):
    assert home_folder() == tmp_path / "above" / "home"
    assert not (tmp_path / "above").exists()


def test_without_a_wish_it_is_in_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AMENDS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_folder() == tmp_path / ".amends"


def test_a_new_folder_is_closed_to_others_and_one_that_exists_keeps_its_mode(tmp_path: Path):
    assert open_home().stat().st_mode & 0o777 == 0o700
    open_home().chmod(0o750)
    assert open_home().stat().st_mode & 0o777 == 0o750


def test_two_names_of_one_folder_are_one_folder(tmp_path: Path):
    (tmp_path / "name").symlink_to(open_home())
    assert home_folder(tmp_path / "name") == home_folder()


def test_the_key_is_made_once_also_by_many_at_once():
    with ThreadPoolExecutor(8) as many:
        keys = set(many.map(lambda _: secret_key(), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 64
    assert [file.name for file in home_folder().iterdir()] == ["secret_key"]
    assert (home_folder() / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_key_from_the_environment_is_not_stored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AMENDS_SECRET_KEY", "from elsewhere")
    assert secret_key() == "from elsewhere"
    assert not home_folder().exists()
