"""How mail is sent, from `AMENDS_SMTP`: `smtp://` in the clear, `smtp+tls://` with STARTTLS, `smtps://` over TLS.

As in `smtp+tls://user:password@mail.example.com:587`. Without it nothing is sent, and no page offers to send anything.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
TIMEOUT: Final = 10  # seconds that a page may wait for the mail server


def mail_settings(environment: Mapping[str, str], *, home: Path) -> dict[str, Any]:
    """Django's settings of mail, and `MAIL_IS_SENT`: whether what is sent reaches anybody.

    Raises:
        ImproperlyConfigured: the address is none of a mail server, or nobody is named as the sender.
    """
    address = environment.get("AMENDS_SMTP", "")
    if not address:  # what the framework sends all the same can be read in the data folder
        return {
            "MAIL_IS_SENT": False,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": home / "mail",
        }
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("AMENDS_SMTP: its port is no number.") from None
    if parts.scheme not in PORTS or not parts.hostname:
        forms = ", ".join(f"{scheme}://HOST" for scheme in PORTS)
        raise ImproperlyConfigured(f"AMENDS_SMTP is no address of a mail server; write one of {forms}.")
    sender = environment.get("AMENDS_MAIL_FROM", "")
    if "@" not in sender:
        raise ImproperlyConfigured("AMENDS_SMTP needs AMENDS_MAIL_FROM, the address that letters come from.")
    return {
        "MAIL_IS_SENT": True,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT,
        "DEFAULT_FROM_EMAIL": sender,
    }
