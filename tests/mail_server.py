"""A real mail server, and settings that lead to it."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Server:
    """A mail server's mind: what it took in, and what it says to whom."""

    def __init__(self) -> None:
        self.letters: dict[str, EmailMessage] = {}
        self.told = self.connections = 0
        self.answers: dict[str, str] = {}  # to RCPT, by address
        self.pid = self.kills_at = 0  # once it took so many letters, it kills whoever sends them
        self.hangs_up = False  # after it took a letter, before it says so

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, name: str, answers: list[str]) -> list[str]:
        session.host_name = name
        self.connections += 1
        return answers

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        said = self.answers.get(address, "250 OK")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters[str(message["Message-ID"])] = message
        self.told += 1
        if self.told == self.kills_at:
            while not self.pid:
                await asyncio.sleep(0.01)
            os.kill(self.pid, signal.SIGKILL)
        if self.hangs_up:
            self.hangs_up = False
            server.transport.close()
        return "250 Message accepted for delivery"


@contextmanager
def listening(settings: Any) -> Iterator[Server]:
    """Mail goes there from now on."""
    mind = Server()
    with socket.socket() as free:  # the controller wants to know its port beforehand
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Controller(mind, hostname="127.0.0.1", port=port)
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "Northwind Air <care@northwind.example>"
    settings.PUBLIC_ADDRESS = "https://care.northwind.example"
    settings.MAIL_IS_SENT = True
    try:
        yield mind
    finally:
        running.stop()
