"""Django's name for this wing."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web wing."""

    name = "amends.web"
    default_auto_field = "django.db.models.BigAutoField"
