"""Django's name for this wing."""

from django.apps import AppConfig


class LearnConfig(AppConfig):
    """The learn wing."""

    name = "amends.learn"
    default_auto_field = "django.db.models.BigAutoField"
