"""Django's name for this wing."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """The policy wing."""

    name = "amends.policy"
    default_auto_field = "django.db.models.BigAutoField"
