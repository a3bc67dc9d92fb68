"""A migration step that takes many others together."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """What its steps do one after another, with the models rendered once and not for each of them.

    Django renders a model that a step makes or changes together with all that are tied to it, which here are nearly
    all: of the time to make the tables of an empty database, most went into that.

    A model that is created here is created as it is at the end, so no other step may add a field, an index or a
    constraint to it: they belong into its `CreateModel`. Models that were there before are changed by steps as Django
    writes them.
    """

    def __init__(self, steps: Sequence[Operation]) -> None:
        self.steps = steps
        created = {step.name_lower for step in steps if isinstance(step, CreateModel)}
        changed = {getattr(step, "model_name_lower", None) or getattr(step, "model_name", "").lower() for step in steps}
        if both := created & changed:
            raise ValueError(f"{', '.join(sorted(both))}: created and changed in one; put it into its CreateModel")

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Take the steps into the state; it renders its models when they are asked for."""
        state.__dict__.pop("apps", None)  # a cached property
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Do them."""
        for step in self.steps:
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Undo them, the last one first."""
        for step in reversed(self.steps):
            step.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """For whoever lists the steps."""
        return "; ".join(step.describe() for step in self.steps)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As it is written in a migration."""
        return type(self).__name__, [self.steps], {}
