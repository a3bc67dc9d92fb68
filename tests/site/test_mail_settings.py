"""Mail is sent where a server is named, and else nobody is promised any."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from amends.site.mail_settings import mail_settings

HOME = Path("/data")
FROM = "Amends <amends@example.test>"


def test_without_a_server_nothing_is_sent_and_what_would_be_stays_in_the_data_folder() -> None:
    for environment in ({}, {"AMENDS_SMTP": ""}, {"AMENDS_MAIL_FROM": FROM}):
        said = mail_settings(environment, home=HOME)
        assert not said["MAIL_IS_SENT"]
        assert said["EMAIL_FILE_PATH"] == HOME / "mail"


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.test", 25, False, False),
        ("smtp+tls://mail.example.test", 587, True, False),
        ("smtps://mail.example.test", 465, False, True),
        ("smtp+tls://mail.example.test:2525", 2525, True, False),
    ],
)
def test_the_address_says_where_and_how(address: str, port: int, tls: bool, ssl: bool) -> None:
    said = mail_settings({"AMENDS_SMTP": address, "AMENDS_MAIL_FROM": FROM}, home=HOME)
    assert said["MAIL_IS_SENT"]
    assert (said["EMAIL_HOST"], said["EMAIL_PORT"]) == ("mail.example.test", port)
    assert (said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"]) == (tls, ssl)
    assert said["DEFAULT_FROM_EMAIL"] == FROM


def test_a_password_may_have_any_character() -> None:
    said = mail_settings(
        {"AMENDS_SMTP": "smtps://ann:a%2Fb%40c@mail.example.test", "AMENDS_MAIL_FROM": FROM}, home=HOME
    )
    assert (said["EMAIL_HOST_USER"], said["EMAIL_HOST_PASSWORD"]) == ("ann", "a/b@c")
    made = get_connection(
        said["EMAIL_BACKEND"], host=said["EMAIL_HOST"], port=said["EMAIL_PORT"], use_ssl=said["EMAIL_USE_SSL"]
    )
    assert made.use_ssl


@pytest.mark.parametrize("address", ["mail.example.test", "http://mail.example.test", "smtp://", "smtp://host:port"])
def test_what_is_no_mail_server_is_refused_in_words_that_keep_the_password(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="AMENDS_SMTP") as refused:
        mail_settings({"AMENDS_SMTP": address.replace("//", "//ann:secret@"), "AMENDS_MAIL_FROM": FROM}, home=HOME)
    assert "secret" not in str(refused.value)


def test_a_server_without_a_sender_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="AMENDS_MAIL_FROM"):
        mail_settings({"AMENDS_SMTP": "smtp://mail.example.test"}, home=HOME)
