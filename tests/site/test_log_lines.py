"""The log names no key that stands in an address: that of a customer's page, or of a link that signs somebody in."""

import io
import logging
import subprocess
import sys

import pytest
from django.test import Client

# what granian does in a web process, and a line as it writes it where somebody wants its log
GRANIAN = """
import logging, sys
from granian.log import LogLevels, configure_logging
configure_logging(LogLevels.info)
import amends.site.wsgi
logging.getLogger("granian.access").info('"%s %s HTTP/1.1" %d', "GET", sys.argv[1], 200)
"""
KEY = "3-Qx7w-9Zk"
PAGES = (f"/mine/{KEY}", f"/mine/{KEY}/words", f"/accounts/link/{KEY}/", f"/accounts/password/reset/key/{KEY}/")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the handler of the settings writes, meanwhile; its own stream may be one that pytest closed."""
    (handler,) = (one for one in logging.getLogger().handlers if one.name == "stderr")
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_form_that_is_turned_away_does_not_have_its_key_logged(log: io.StringIO, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address).status_code == 403
    asked_from = f"https://elsewhere.test{address}"  # which is logged, too
    assert strict.post("/accounts/login/", secure=True, headers={"Referer": asked_from}).status_code == 403
    said = log.getvalue()
    assert said.count("Forbidden (") == 2
    assert said.count(address.replace(KEY, "***")) == 2
    assert KEY not in said


@pytest.mark.django_db
@pytest.mark.parametrize("address", [f"/mine/{KEY}/nothing", f"/mine//{KEY}/", f"/mine/ {KEY}/"])
def test_nor_does_a_page_that_is_not_there(log: io.StringIO, address: str) -> None:
    assert Client().get(address).status_code == 404
    assert "Not Found: /mine/" in log.getvalue()
    assert KEY not in log.getvalue()


def test_what_a_line_says_of_an_error_is_looked_through(log: io.StringIO) -> None:
    error = ValueError(f"http://127.0.0.1:8000/mine/{KEY} can't be shown")
    logging.getLogger("any.thing").error("A page failed", exc_info=error)
    assert "ValueError: http://127.0.0.1:8000/mine/*** can't be shown" in log.getvalue()


def test_the_web_servers_own_log_is_written_the_same_way() -> None:
    asked = [sys.executable, "-c", GRANIAN, f"/mine/{KEY}/words"]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert '"GET /mine/***/words HTTP/1.1" 200' in done.stderr
    assert KEY not in done.stdout + done.stderr
