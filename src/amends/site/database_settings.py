"""A libpq address (postgresql://…, also with a unix socket) as Django's settings of a database."""

from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict

_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
APPLICATION: Final = "amends"  # what our sessions call themselves in pg_stat_activity


def django_database(url: str) -> dict[str, Any]:
    """Django's settings for a libpq address; what Django has no name for goes to OPTIONS as libpq has it."""
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {},
    }
    for name, value in conninfo_to_dict(url).items():
        if name in _DJANGO_NAMES:
            settings[_DJANGO_NAMES[name]] = str(value)
        else:
            settings["OPTIONS"][name] = value
    settings["OPTIONS"].setdefault("application_name", APPLICATION)
    return settings
