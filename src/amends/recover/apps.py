"""Django's name for this wing."""

from django.apps import AppConfig


class RecoverConfig(AppConfig):
    """The recover wing."""

    name = "amends.recover"
    default_auto_field = "django.db.models.BigAutoField"
