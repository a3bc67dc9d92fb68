"""Django's name for this wing."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """The channels wing."""

    name = "amends.channels"
    default_auto_field = "django.db.models.BigAutoField"
