"""Where a benchmark plays: a database of its own, durable as shipped and thrown away; Django set up, tables made."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staged() -> Iterator[Path]:
    """The data folder; whatever was opened to the database is closed at the end."""
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as home:
        os.environ["AMENDS_HOME"] = home
        from amends.site.postgres import running

        with running() as url:
            os.environ["DATABASE_URL"] = url
            os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", verbosity=0, skip_checks=True)
            try:
                yield Path(home)
            finally:
                connections.close_all()
