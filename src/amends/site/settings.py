"""The wiring: one settings module for serve, worker, monitor, demo and tests; what differs comes from the environment.

Secrets come only from the environment or from the data folder, where they were made with mode 0600; never from here.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from amends.site.database_settings import django_database
from amends.site.home import home_folder, secret_key
from amends.site.mail_settings import mail_settings
from amends.site.postgres import database_url

PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = secret_key()
DEBUG = os.environ.get("AMENDS_DEBUG") == "1"
ALLOWED_HOSTS = [host for host in os.environ.get("AMENDS_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("AMENDS_ORIGINS", "").split(",") if origin]
HTTPS = os.environ.get("AMENDS_HTTPS") == "1"  # behind a proxy that ends TLS

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "lucide",
    "procrastinate.contrib.django",
    "amends.policy",
    "amends.people",
    "amends.channels",
    "amends.monitor",
    "amends.recover",
    "amends.learn",
    "amends.web",
]

MIDDLEWARE = [
    "amends.web.measuring.RequestTimes",
    "django.middleware.security.SecurityMiddleware",
    "amends.web.api.problems.ProblemsForMachines",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "amends.web.console.frame.Locality",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "amends.site.urls"
WSGI_APPLICATION = "amends.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amends.web.console.frame.surroundings",
            ],
        },
    }
]

_url = os.environ.get("DATABASE_URL") or database_url()
if not _url:
    raise ImproperlyConfigured(
        "No database: start it with an `amends` command (such as `amends serve`), or set DATABASE_URL to a PostgreSQL."
    )
DATABASES = {"default": django_database(_url)}

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "amends.people.sign_in.ClosedSignUp"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, not by strangers
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # whoever has no account here gets no letter from us
ACCOUNT_RATE_LIMITS = {  # of forms sent; beside allauth's own limits
    "sign_in_link": "20/m/ip",
    "customer_page": "10/m/key,60/m/ip",  # the key is the page's address
    "voucher": "30/m/key",  # the key is the person at the till
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0  # whose word about a client's address is taken
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Amends"
MFA_TOTP_TOLERANCE = 1  # a code that ran out while it was typed is still good (RFC 6238, 5.2)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by an administrator; nobody confirms one here

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [  # the earlier counts before the later, both before what Django and allauth say
    PACKAGE / "web" / "locale",
    PACKAGE / "web" / "locale_of_accounts",  # the pages of allauth in our words, in English too
]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # times are shown in the deployment's zone, see web/console/times.py

STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
WHITENOISE_USE_FINDERS = True  # straight from the package: nothing to collect
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

globals().update(mail_settings(os.environ, home=home_folder()))
OUTBOX_PATH = home_folder() / "outbox"  # where the channel of that name writes
PAYOUTS_PATH = Path(os.environ.get("AMENDS_PAYOUTS") or home_folder() / "payouts")  # files for the bank
PAYOUT_WEBHOOK = os.environ.get("AMENDS_PAYOUT_WEBHOOK", "")  # the address that payouts are told to
PAYOUT_WEBHOOK_SECRET = os.environ.get("AMENDS_PAYOUT_WEBHOOK_SECRET", "")  # what signs them
SMS_GATEWAY = os.environ.get("AMENDS_SMS_GATEWAY", "")  # the address that text messages are told to
SMS_GATEWAY_SECRET = os.environ.get("AMENDS_SMS_GATEWAY_SECRET", "")  # what signs them
ATTACHMENTS_PATH = home_folder() / "attachments"  # never below anything that is served
HISTORY_PATH = home_folder() / "history"  # signals as Parquet, a folder a deployment
BACKTESTS_PATH = home_folder() / "backtests"  # what back-tests under way have got to
FILE_UPLOAD_HANDLERS = [
    "amends.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
INBOX_PATH = Path(os.environ.get("AMENDS_INBOX") or home_folder() / "inbox")  # files of signals are put there
PUBLIC_ADDRESS = os.environ.get("AMENDS_ADDRESS", "http://127.0.0.1:8000")  # how customers reach us, in links

# Counts of requests and of failed sign-ins: each web process its own. Nothing else relies on it.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}},
}
API_REQUESTS_A_MINUTE = int(os.environ.get("AMENDS_API_REQUESTS_A_MINUTE", "12000"))  # a token
SIGNALS_BACKLOG = int(os.environ.get("AMENDS_SIGNALS_BACKLOG", "500000"))  # accepted and not judged; more are put off

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # a working day
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "amends.web.console.views.doors.csrf_failure"
CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024  # one batch of 100,000 signals

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "amends.site.log_lines.WithoutKeys",
            "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {  # those that come with handlers of their own write as all others do
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
        "granian.access": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("AMENDS_LOG", "WARNING")},
}
