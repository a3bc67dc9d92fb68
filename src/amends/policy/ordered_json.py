"""JSON whose keys keep the order in which a pack has them: people are asked in that order."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.json import Json


class OrderedJSONField(models.JSONField):
    """A column of PostgreSQL's type json, kept as written; jsonb, which Django takes, sorts keys by their length.

    It cannot be compared, filtered or indexed, and need not be.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 -- as Django calls it
        return "json"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: ARG002 -- as Django calls it
        return None if value is None else Json(value)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002 -- as Django calls it
        return value  # the driver has read it already
