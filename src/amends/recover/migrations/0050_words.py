"""Notes, drafts, attachments, canned replies, macros, ticks and time spent; what belongs to the record is on the trail.

Drafts and timers are their owner's alone until they become a message, a note or minutes; so the trail has them then.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from amends.recover.trail_triggers import triggers

TRACKED = {
    "recover_note": "author_id body mentioned written_at",
    "recover_attachment": (
        "message_id digest name kind size added_at added_by_id customer_id removed_at removed_by_id"
    ),
    "recover_tick": "item ticked at by_id",
    "recover_timespent": "staff_id minutes what at",
}


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _key(to, name="+", **more):
    given = {"on_delete": django.db.models.deletion.PROTECT, "related_name": name, "to": to, "db_index": False}
    return models.ForeignKey(**(given | more))


STAFF = settings.AUTH_USER_MODEL
CASE = "recover.case"
CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [
        ("recover", "0004_words_apart"),
        ("recover", "0030_notices"),
        ("channels", "0001_initial"),
        ("people", "0002_customer_by_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                _id(),
                ("body", models.TextField()),
                (
                    "mentioned",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("author", _key(STAFF)),
                ("case", _key(CASE, "notes")),
            ],
            options={"indexes": [models.Index(fields=["case", "written_at"], name="note_by_case")]},
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                _id(),
                ("form", models.CharField(max_length=16)),
                ("content", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                ("case", _key(CASE, on_delete=CASCADE)),
                ("staff", _key(STAFF, on_delete=CASCADE)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("staff", "case", "form"), name="draft_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                _id(),
                ("digest", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=16)),
                ("size", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("added_by", _key(STAFF, null=True)),
                ("case", _key(CASE, "attachments")),
                ("customer", _key("people.customer", null=True)),
                ("message", _key("channels.message", null=True)),
                ("removed_by", _key(STAFF, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="attachment_by_case"),
                    models.Index(fields=["digest"], name="attachment_by_digest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                _id(),
                ("name", models.CharField(max_length=100)),
                ("subject_en", models.CharField(max_length=300)),
                ("subject_zh", models.CharField(max_length=300)),
                ("body_en", models.TextField()),
                ("body_zh", models.TextField()),
                ("saved_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("owner", _key(STAFF, null=True, blank=True, db_index=True)),
                ("saved_by", _key(STAFF)),
                ("unit", _key("people.unit", null=True, blank=True, db_index=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=Q(owner=None) | Q(unit=None), name="reply_of_one")],
            },
        ),
        migrations.CreateModel(
            name="Macro",
            fields=[
                _id(),
                ("name", models.CharField(max_length=100)),
                ("steps", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("owner", _key(STAFF, null=True, blank=True, db_index=True)),
                ("saved_by", _key(STAFF)),
                ("unit", _key("people.unit", null=True, blank=True, db_index=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=Q(owner=None) | Q(unit=None), name="macro_of_one")],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                _id(),
                ("item", models.CharField(max_length=64)),
                ("ticked", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("by", _key(STAFF)),
                ("case", _key(CASE, "ticks")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("case", "item"), name="tick_once")]},
        ),
        migrations.CreateModel(
            name="TimeSpent",
            fields=[
                _id(),
                ("minutes", models.PositiveSmallIntegerField()),
                ("what", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("case", _key(CASE, "time_spent")),
                ("staff", _key(STAFF)),
            ],
            options={"indexes": [models.Index(fields=["case", "at"], name="time_by_case")]},
        ),
        migrations.CreateModel(
            name="Timer",
            fields=[
                _id(),
                ("started_at", models.DateTimeField()),
                ("case", _key(CASE, on_delete=CASCADE)),
                ("staff", _key(STAFF, on_delete=CASCADE)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("staff", "case"), name="timer_once")]},
        ),
        *(
            migrations.RunSQL(forwards, backwards)
            for table, columns in TRACKED.items()
            for forwards, backwards in triggers(table, columns)
        ),
    ]
