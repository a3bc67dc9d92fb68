"""Run by the throw-away Python that has django-helpdesk: makes tickets, then times its list, search and creation.

Nothing of Amends is imported here, and nothing of this by Amends.
"""

import os
import statistics
import tempfile
import time
from functools import partial

import django
from django.conf import settings

TICKETS = int(os.environ["HELPDESK_TICKETS"])
REPEAT = int(os.environ["HELPDESK_REPEAT"])

settings.configure(
    DEBUG=False,
    SECRET_KEY="measured",  # noqa: S106 -- a throw-away site
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SITE_ID=1,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    STATIC_URL="/static/",
    MEDIA_ROOT=tempfile.mkdtemp(),
    LOGIN_URL="/login/",
    HELPDESK_TEAMS_MODE_ENABLED=False,
    HELPDESK_ACTIVATE_API_ENDPOINT=False,
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **{name: os.environ[f"HELPDESK_{name}"] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from django.urls import include, path  # noqa: E402 -- only once Django is set up

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]


def make(tickets):
    """Tickets set-wise; by hand it would take hours."""
    from django.utils import timezone
    from helpdesk.models import Queue, Ticket

    queue = Queue.objects.create(title="Complaints", slug="complaints")
    now = timezone.now()
    for start in range(0, tickets, 5_000):
        Ticket.objects.bulk_create(
            Ticket(
                title=f"Flight NA{n % 900} late for Rosa Klein {n}",
                queue=queue,
                created=now,
                modified=now,
                submitter_email=f"c-{n}@example.com",
                description="It was our mistake.",
                status=1 + n % 4,
                priority=1 + n % 5,
            )
            for n in range(start, min(start + 5_000, tickets))
        )
    return queue


def timed(act):
    """Milliseconds of each of several."""
    took = []
    for _ in range(REPEAT):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def main():
    """Make, measure, print."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from helpdesk.models import Ticket
    from helpdesk.query import query_to_base64

    call_command("migrate", verbosity=0)
    queue = make(TICKETS)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    user = get_user_model().objects.create_superuser("agent", "agent@example.com", "measured")
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)

    def listed(search=""):
        query = query_to_base64(
            {"filtering": {}, "filtering_null": {}, "sorting": "created", "sortreverse": True, "search_string": search}
        )
        answer = client.get(f"/datatables_ticket_list/{query}", {"draw": 1, "start": 0, "length": 50})
        assert answer.status_code == 200, answer.status_code

    def page():
        answer = client.get("/tickets/")
        assert answer.status_code == 200, answer.status_code

    def one():
        number = Ticket.objects.order_by("-id").values_list("id", flat=True)[0]
        answer = client.get(f"/tickets/{number}/")
        assert answer.status_code == 200, answer.status_code

    def created():
        answer = client.post(
            "/tickets/submit/",
            {
                "title": "Late again",
                "queue": queue.pk,
                "body": "It was late.",
                "priority": 3,
                "submitter_email": "a@b.cd",
            },
        )
        assert answer.status_code == 302, answer.content[:2000]

    print(f"django-helpdesk with {TICKETS:,} tickets, one person at a time")
    print(f"{'':12} {'asked':>7} {'p50 ms':>8} {'p95 ms':>8} {'most':>8}")
    for what, act in (
        ("list", listed),
        ("list's page", page),
        ("search", partial(listed, "rosa klein 4711")),
        ("ticket page", one),
        ("create", created),
    ):
        took = sorted(timed(act))
        late = took[max(0, -(-len(took) * 95 // 100) - 1)]
        print(f"{what:12} {len(took):>7} {statistics.median(took):>8.1f} {late:>8.1f} {took[-1]:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
