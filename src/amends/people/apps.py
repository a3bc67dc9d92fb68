"""Django's name for this wing."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people wing."""

    name = "amends.people"
    default_auto_field = "django.db.models.BigAutoField"
