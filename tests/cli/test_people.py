"""`amends staff` and `amends token`."""

import json
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from typer.testing import CliRunner, Result

from amends.cli.main import app
from amends.kernel.blueprint import load_shipped
from amends.people.models import ApiToken, Staff
from amends.people.services import plant_units, token_owner
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint

Amends = Callable[..., Result]
BOB = ("staff", "add", "bob@example.test", "--name", "Bob", "--role", "manager")


@pytest.fixture
def amends(transactional_db: None) -> Amends:
    Deployment.objects.create(id=1, blueprint_name="airline", company_en="Air", company_zh="航空")
    plant_units([("EWR", None, "Newark", "纽瓦克")])

    def call(*arguments: str, code: int = 0) -> Result:
        said = CliRunner().invoke(app, arguments)
        assert said.exit_code == code, (said.output, said.exception)
        return said

    return call


def test_an_account_is_added_once_and_listed(amends: Amends) -> None:
    amends(*BOB, "--unit", "EWR")
    assert "already" in amends(*BOB, code=1).stderr
    listed = json.loads(amends("staff", "list", "--json").stdout)["staff"]
    assert listed == [
        {"email": "bob@example.test", "name": "Bob", "role": "manager", "unit": "EWR", "open": True},
    ]
    assert "bob@example.test" in amends("staff", "list").stdout


@pytest.mark.parametrize(
    ("more", "words"), [(("--role", "king"), "king"), (("--unit", "NOWHERE"), "no unit 'NOWHERE'")]
)
def test_a_bad_account_is_refused(amends: Amends, more: tuple[str, ...], words: str) -> None:
    assert words in amends(*BOB, *more, code=2).stderr
    assert not Staff.objects.exists()


def test_a_tokens_secret_is_shown_once_and_works_until_it_is_revoked(amends: Amends) -> None:
    amends(*BOB)
    scopes = ("--scope", "write:signals", "--scope", "read:cases")
    made = json.loads(amends("token", "create", "bob@example.test", "--name", "ops", *scopes, "--json").stdout)
    assert made["scopes"] == ["read:cases", "write:signals"]
    assert token_owner(made["token"], now=timezone.now()) == ApiToken.objects.get()
    listed = amends("token", "list").stdout
    assert made["token"][:12] in listed
    assert made["token"] not in listed + amends("token", "list", "--json").stdout
    amends("token", "revoke", str(made["id"]))
    assert token_owner(made["token"], now=timezone.now()) is None
    amends("token", "revoke", str(made["id"]), code=1)


def test_a_token_beyond_the_role_or_for_nobody_is_refused(amends: Amends) -> None:
    amends(*BOB)
    beyond = amends("token", "create", "bob@example.test", "--name", "x", "--scope", "read:metrics", code=2)
    assert "read:metrics" in beyond.stderr
    amends("token", "create", "nobody@example.test", "--name", "x", "--scope", "read:cases", code=1)
    assert not ApiToken.objects.exists()


def test_an_account_is_changed_and_what_is_not_given_stays(amends: Amends) -> None:
    publish_blueprint(load_shipped("airline"), name="airline", now=timezone.now(), acting_user="tests")
    amends(*BOB, "--unit", "EWR")
    amends("staff", "change", "bob@example.test", "--role", "supervisor", "--level", "supervisor", "--company")
    bob = Staff.objects.get()
    assert (bob.name, bob.role, bob.authority_level, bob.unit) == ("Bob", "supervisor", "supervisor", None)
    amends("staff", "change", "BOB@example.test", "--unit", "EWR", "--name", "Bo", "--locale", "zh-hans")
    said = json.loads(amends("staff", "history", "bob@example.test", "--json").stdout)["changes"]
    assert [(one["what"], one["before"], one["after"], one["by"]) for one in said][:3] == [
        ("role", "manager", "supervisor", None),
        ("authority_level", "", "supervisor", None),
        ("unit", "EWR", "", None),
    ]
    assert "EWR" in amends("staff", "history", "bob@example.test").stdout
    amends("staff", "change", "bob@example.test", "--role", "manager")
    assert Staff.objects.get().authority_level == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "--role"),
        (("--unit", "EWR", "--company"), "one of the two"),
        (("--unit", "NOWHERE"), "no unit 'NOWHERE'"),
        (("--role", "king"), "no role 'king'"),
        (("--name", " "), "name"),
        (("--locale", "fr"), "zh-hans"),
        (("--level", "executive"), "no authority level 'executive'"),
    ],
)
def test_a_change_that_cannot_be_is_refused(amends: Amends, more: tuple[str, ...], words: str) -> None:
    publish_blueprint(load_shipped("airline"), name="airline", now=timezone.now(), acting_user="tests")
    amends(*BOB)
    assert words in amends("staff", "change", "bob@example.test", *more, code=2).stderr
    assert Staff.objects.get().role == "manager"


def test_an_account_ends_once_and_never_the_last_administrators(amends: Amends) -> None:
    amends(*BOB)
    scope = ("--name", "ops", "--scope", "read:cases")
    secret = amends("token", "create", "bob@example.test", *scope).stdout.strip()
    assert "is closed" in amends("staff", "end", "bob@example.test").stdout
    assert token_owner(secret, now=timezone.now()) is None
    assert "(closed)" in amends("staff", "list").stdout
    amends("staff", "end", "bob@example.test", code=1)
    amends("staff", "add", "eva@example.test", "--name", "Eva", "--role", "administrator")
    assert "last administrator" in amends("staff", "end", "eva@example.test", code=1).stderr
    assert "last administrator" in amends("staff", "change", "eva@example.test", "--role", "manager", code=2).stderr


def test_a_lost_second_factor_is_forgotten(amends: Amends) -> None:
    amends(*BOB)
    assert "no second factor" in amends("staff", "reset-factor", "bob@example.test", code=1).stderr
    Authenticator.objects.create(user=Staff.objects.get(), type="totp", data={"secret": "x"})
    amends("staff", "reset-factor", "bob@example.test")
    assert not Authenticator.objects.exists()
