"""Django's name for this wing."""

from django.apps import AppConfig


class MonitorConfig(AppConfig):
    """The monitor wing."""

    name = "amends.monitor"
    default_auto_field = "django.db.models.BigAutoField"
