"""`amends init` and sign-in links: a company from an empty data folder, and every way in which it is refused."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amends.cli.main import app
from amends.kernel.blueprint import shipped
from amends.people.models import SignInLink, Staff
from amends.policy.models import BlueprintVersion, Deployment

Amends = Callable[..., Result]
ANN = (
    "init", "--email", "Ann@example.test", "--name", "Ann", "--company-en", "Acme Air", "--company-zh", "艾克美航空",
    "--timezone", "Asia/Shanghai",
)  # fmt: skip


@pytest.fixture
def amends(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Amends:
    """The command in this process; the tests' database has its tables already."""
    monkeypatch.setattr("amends.cli.with_database._bring_up_to_date", lambda _: None)

    def call(*arguments: str, code: int = 0) -> Result:
        said = CliRunner().invoke(app, arguments)
        assert said.exit_code == code, (said.output, said.exception)
        return said

    return call


def secret_of(link: str) -> str:
    found = re.fullmatch(r"https?://[^/]+/accounts/link/([\w-]{43})/\s*", link)
    assert found, link
    return found[1]


def test_an_empty_folder_becomes_a_company_that_someone_can_sign_in_to_and_no_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    command = [sys.executable, "-m", "amends.cli", *ANN]
    said = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    secret_of(said.stdout.splitlines()[-1])
    demo = [sys.executable, "-m", "amends.cli", "demo", "--from", "2013-11-29", "--days", "1", "--no-serve"]
    refused = subprocess.run(demo, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert refused.returncode == 1
    assert "belongs to a company" in refused.stderr


def test_a_database_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://amends@/amends?host={tmp_path}")
    said = subprocess.run(
        [sys.executable, "-m", "amends.cli", *ANN],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert said.returncode == 1
    assert said.stderr.startswith("The database does not answer")
    assert "Traceback" not in said.stderr


def test_it_makes_the_company_its_blueprint_and_an_administrator_without_a_password(amends: Amends) -> None:
    said = amends(*ANN)
    secret = secret_of(said.stdout.splitlines()[-1])
    assert "amends serve --port" in said.stderr
    assert SignInLink.objects.get().digest != secret
    company = Deployment.objects.get()
    assert (company.kind, company.company_zh, company.timezone) == ("company", "艾克美航空", "Asia/Shanghai")
    assert BlueprintVersion.objects.get().name == "airline"
    ann = Staff.objects.get()
    assert (ann.email, ann.role, ann.has_usable_password()) == ("ann@example.test", "administrator", False)


def test_calendars_of_another_zone_are_pointed_out_with_where_to_change_that(amends: Amends) -> None:
    said = amends(*ANN)
    assert "The calendars of airline are those of America/New_York, not of Asia/Shanghai" in said.stderr
    assert "calendars.yaml" in said.stderr
    assert "America/New_York" not in said.stdout


def test_the_how_to_names_every_pack_that_is_shipped() -> None:
    told = (Path(__file__).parents[2] / "docs/how-to/start-for-a-company.md").read_text("utf-8")
    assert [name for name in shipped() if f"`{name}`" not in told] == []


def test_calendars_of_the_same_zone_are_not_worth_a_word(amends: Amends) -> None:
    assert "calendars" not in amends(*ANN, "--blueprint", "express").stderr


def test_the_second_time_it_says_so_and_changes_nothing(amends: Amends) -> None:
    amends(*ANN)
    again = amends(*ANN, "--email", "eve@example.test", code=1)
    assert "already" in again.stderr
    assert again.stdout == ""
    assert Staff.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("init", "--email", "ann@example.test"), "--name is missing"),
        (("init", "--timezone", "Mars/Olympus"), "Mars/Olympus"),
        ((*ANN, "--blueprint", "zeppelins"), "zeppelins"),
        ((*ANN, "--email", "nobody"), "e-mail"),
    ],
)
def test_what_is_missing_or_wrong_is_named_and_nothing_is_left_behind(
    amends: Amends, arguments: tuple[str, ...], words: str
) -> None:
    assert words in amends(*arguments, code=2).stderr
    assert not Deployment.objects.exists()
    assert not Staff.objects.exists()


def test_a_demo_does_not_become_a_company(amends: Amends) -> None:
    Deployment.objects.create(id=1, kind="demo", blueprint_name="airline", company_en="Demo", company_zh="演示")
    assert "demo" in amends(*ANN, code=1).stderr


def test_a_new_link_for_an_account_that_is_open(amends: Amends) -> None:
    assert "amends init" in amends("sign-in-link", "ann@example.test", code=1).stderr
    amends(*ANN)
    said = json.loads(amends("sign-in-link", "ANN@example.test", "--site", "https://amends.test/", "--json").stdout)
    assert said["link"].startswith("https://amends.test/")
    secret_of(said["link"])
    Staff.objects.update(is_active=False)
    for email in ("ann@example.test", "nobody@example.test"):
        assert "no open account" in amends("sign-in-link", email, code=1).stderr
