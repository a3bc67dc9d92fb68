"""Sends letters by SMTP, each a message of its own: plain text in UTF-8, under a Message-ID that follows from its key.

A letter that is sent again, because the process died before it could note that it went out, is the same to the byte;
mailboxes that look for doubles see one. Each is noted by itself, so only the one in hand can come again. What the
server refuses for good is told apart from what it may take later.
"""

import re
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from amends.channels.letter import Handed, Letter, Send
from amends.channels.outbox.channel import Outbox, files

FOR_GOOD: Final = 500  # SMTP's replies from here on are permanent (RFC 5321, 4.2.1)


class Email:
    """Mail as the deployment sends it."""

    @property
    def at_once(self) -> int:
        """Few, since each is handed over by itself."""
        return 100 if settings.MAIL_IS_SENT else Outbox.at_once

    @property
    def noted(self) -> int:
        """Each by itself: what was handed over cannot be taken back."""
        return 1 if settings.MAIL_IS_SENT else Outbox.noted

    @contextmanager
    def opened(self) -> Iterator[Send]:
        """One message a letter, all over one connection."""
        if not settings.MAIL_IS_SENT:
            yield files("email").send
            return
        with mail_server() as server:
            yield partial(_send, server)


def make() -> Email:
    """The mail of this deployment."""
    return Email()


@contextmanager
def mail_server() -> Iterator[BaseEmailBackend]:
    """A connection to the mail server, made when the first message is handed over."""
    server = get_connection()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.close()


def hand_over(server: BaseEmailBackend, messages: Mapping[int, EmailMessage]) -> Handed:
    """Give messages to the mail server one by one, so that one address is in no other's way.

    Args:
        server: of `mail_server`.
        messages: by what the answer names them by.
    """
    receipts: dict[int, str] = {}
    refused: dict[int, str] = {}
    later, away = "", False
    try:
        server.open()
        for id_, message in messages.items():
            try:
                server.send_messages([message])
            except ValueError as error:  # an address that cannot be written
                refused[id_] = str(error)
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
                code, said = _answer(error)
                if code >= FOR_GOOD:
                    refused[id_] = f"{code} {said}"
                else:
                    later = f"{code} {said}"
            else:
                receipts[id_] = str(message.extra_headers["Message-ID"])
    except OSError as error:  # smtplib's errors are OSErrors, too; these are about us, not about this letter
        later, away = f"The mail server did not take the letters: {error}", True
    return Handed(receipts=receipts, refused=refused, later=later, away=away)


def written(letter: Letter) -> EmailMessage:
    """The letter as a message.

    Raises:
        ValueError: what it goes to is no address.
    """
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", letter.address):
        raise ValueError(f"{letter.address!r} is no e-mail address.")
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "amends"
    return EmailMessage(
        subject=" ".join(letter.subject.split()),
        body=letter.body,
        to=[letter.address],
        headers={
            "Message-ID": f"<{re.sub('[^A-Za-z0-9]+', '.', letter.key)}@{host}>",
            "Date": format_datetime(letter.created_at),
            "Content-Language": letter.locale.replace("_", "-"),
            "Auto-Submitted": "auto-generated",  # so that no absence note answers (RFC 3834)
        },
    )


def _send(server: BaseEmailBackend, letters: Sequence[Letter]) -> Handed:
    messages: dict[int, EmailMessage] = {}
    unwritten: dict[int, str] = {}
    for letter in letters:
        try:
            messages[letter.id] = written(letter)
        except ValueError as error:
            unwritten[letter.id] = str(error)
    handed = hand_over(server, messages)
    return replace(handed, refused={**handed.refused, **unwritten})


def _answer(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    else:
        code, said = error.smtp_code, error.smtp_error
    return code, said.decode(errors="replace") if isinstance(said, bytes) else said
