import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from amends.policy.together import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("people", "__first__"),
        ("policy", "0001_initial"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Lesson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=300, unique=True)),
                        ("state", models.CharField(max_length=16)),
                        ("kind", models.CharField(max_length=64)),
                        ("step", models.CharField(max_length=64)),
                        ("responsible", models.CharField(max_length=16)),
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("failures", models.PositiveIntegerField()),
                        ("customers", models.PositiveIntegerField()),
                        ("cost", models.DecimalField(decimal_places=2, max_digits=16)),
                        ("currency", models.CharField(max_length=3)),
                        ("evidence", models.JSONField(default=dict)),
                        ("title_en", models.CharField(max_length=300)),
                        ("title_zh", models.CharField(max_length=300)),
                        ("text_en", models.TextField()),
                        ("text_zh", models.TextField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "blueprint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-cost", "-id"], name="lesson_by_cost")],
                    },
                ),
                migrations.CreateModel(
                    name="LessonDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "lesson",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="learn.lesson"
                            ),
                        ),
                        ("move", models.CharField(max_length=16)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("note", models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="SummaryCell",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("hour", models.PositiveSmallIntegerField()),
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("kind", models.CharField(max_length=64)),
                        ("step", models.CharField(max_length=64)),
                        ("responsible", models.CharField(max_length=16)),
                        ("findings", models.PositiveIntegerField()),
                        ("failures", models.PositiveIntegerField()),
                        ("at_risk", models.PositiveIntegerField()),
                        ("averted", models.PositiveIntegerField()),
                        ("controllable", models.PositiveIntegerField()),
                        ("stable", models.PositiveIntegerField()),
                        ("affected", models.PositiveIntegerField()),
                        ("cases", models.PositiveIntegerField()),
                        ("cases_open", models.PositiveIntegerField()),
                        ("cases_made_good", models.PositiveIntegerField()),
                        ("cases_closed", models.PositiveIntegerField()),
                        ("plans", models.PositiveIntegerField()),
                        ("actions", models.PositiveIntegerField()),
                        ("actions_done", models.PositiveIntegerField()),
                        ("messages", models.PositiveIntegerField()),
                        ("remedies", models.PositiveIntegerField()),
                        ("remedy_amount", models.DecimalField(decimal_places=2, max_digits=16)),
                        ("minutes", models.DecimalField(decimal_places=2, max_digits=16)),
                        ("value_lost", models.FloatField()),
                        ("tellers", models.FloatField()),
                        ("weighed", models.PositiveIntegerField()),
                        ("valued_by_default", models.PositiveIntegerField()),
                        ("outcomes", models.PositiveIntegerField()),
                        ("simulated", models.PositiveIntegerField()),
                        ("accepted", models.PositiveIntegerField()),
                        ("before_sum", models.PositiveIntegerField()),
                        ("before_count", models.PositiveIntegerField()),
                        ("after_sum", models.PositiveIntegerField()),
                        ("after_count", models.PositiveIntegerField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["day"], name="summary_by_day")],
                    },
                ),
                migrations.CreateModel(
                    name="SummaryRemedies",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("remedies", models.PositiveIntegerField()),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["day"], name="summary_remedies_by_day")],
                    },
                ),
                migrations.CreateModel(
                    name="SummaryState",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("as_of", models.DateTimeField()),
                        (
                            "blueprint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                        ("timezone", models.CharField(max_length=64)),
                        ("marks", models.JSONField(default=dict)),
                        ("marks_at", models.DateTimeField()),
                        ("next_marks", models.JSONField(default=dict)),
                        ("next_marks_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="summary_state_is_one_row")
                        ],
                    },
                ),
            ]
        ),
    ]
