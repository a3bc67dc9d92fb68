"""How the tables are made: many in one step, and in a process of its own that says what went wrong."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection, models
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from amends.policy.together import Together
from amends.site.tables import TablesError, brought_up_to_date

STEP = Together(
    [
        CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))]),
        CreateModel(
            "Book",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("shelf", models.ForeignKey("policy.Shelf", on_delete=models.CASCADE)),
            ],
        ),
    ]
)


def tables() -> set[str]:
    return set(connection.introspection.table_names()) & {"policy_shelf", "policy_book"}


@pytest.mark.django_db
def test_many_models_are_created_in_one_step_and_dropped_in_one():
    before = ProjectState()
    assert before.apps.get_models() == []  # rendered, as while migrating
    after = before.clone()
    STEP.state_forwards("policy", after)
    with connection.schema_editor() as editor:
        STEP.database_forwards("policy", editor, before, after)
    assert tables() == {"policy_shelf", "policy_book"}
    with connection.schema_editor() as editor:
        STEP.database_backwards("policy", editor, after, before)
    assert tables() == set()


def test_the_step_is_written_as_it_was_and_names_its_models():
    name, given, named = STEP.deconstruct()
    assert (name, given, named) == ("Together", [STEP.steps], {})
    assert STEP.describe() == "Create model Shelf; Create model Book"


@pytest.mark.django_db
def test_steps_on_older_models_go_with_those_that_create_new_ones():
    before = ProjectState()
    STEP.state_forwards("policy", before)
    renew = Together(
        [
            CreateModel("Reader", [("id", models.BigAutoField(primary_key=True))]),
            AddField("book", "title", models.CharField(max_length=9, default="")),
            AddField("book", "reader", models.ForeignKey("policy.Reader", on_delete=models.CASCADE, null=True)),
        ]
    )
    after = before.clone()
    renew.state_forwards("policy", after)
    with connection.schema_editor() as editor:
        STEP.database_forwards("policy", editor, ProjectState(), before)
        renew.database_forwards("policy", editor, before, after)
    with connection.cursor() as cursor:
        assert {column.name for column in connection.introspection.get_table_description(cursor, "policy_book")} == {
            "id",
            "shelf_id",
            "title",
            "reader_id",
        }
    with connection.schema_editor() as editor:
        renew.database_backwards("policy", editor, after, before)
        STEP.database_backwards("policy", editor, before, ProjectState())
    assert tables() == set()


def test_what_is_created_and_changed_in_one_step_is_refused():
    with pytest.raises(ValueError, match="shelf: created and changed in one"):
        Together([*STEP.steps, AddField("shelf", "name", models.CharField(max_length=9))])


def test_a_database_that_does_not_answer_is_named(tmp_path):
    with (
        pytest.raises(TablesError, match="does not answer"),
        brought_up_to_date(f"postgresql://amends@/amends?host={tmp_path}", {}),
    ):
        raise AssertionError("nothing is to be done meanwhile")


def test_whoever_comes_second_waits_until_the_first_has_migrated() -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as other, psycopg.connect(url, autocommit=True) as first:
        first.execute("select pg_advisory_lock(7201305)")
        later = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from amends.cli.with_database import with_database as w\nwith w(fresh=True): print(1)",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 7201305 and not granted"
        while other.execute(waiting).fetchone() == (0,):
            assert later.poll() is None
        first.execute("select pg_advisory_unlock(7201305)")
        said, _ = later.communicate(timeout=120)
    assert (later.returncode, said) == (0, "1\n")
