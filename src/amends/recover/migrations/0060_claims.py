"""Receipts, demands beyond what can be given, and closer looks, all on the trail of their case; what peers claim."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from amends.recover.trail_triggers import triggers

TRACKED = {
    "recover_receipt": "reference normal digest noted_at noted_by_id",
    "recover_demand": "asked amount currency why_id marked_at marked_by_id",
    "recover_closerlook": "signs in_order note looked_at looked_by_id",
}


class Migration(migrations.Migration):
    dependencies = [
        ("policy", "0001_initial"),
        ("recover", "0050_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Peers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=64)),
                ("tier", models.CharField(blank=True, max_length=32)),
                ("claims", models.PositiveIntegerField()),
                ("median", models.DecimalField(decimal_places=2, max_digits=14)),
                ("deviation", models.DecimalField(decimal_places=2, max_digits=14)),
                ("reckoned_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "tier"), name="peers_once")],
            },
        ),
        migrations.CreateModel(
            name="CloserLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32), default=list, size=None
                    ),
                ),
                ("in_order", models.BooleanField()),
                ("note", models.TextField()),
                ("looked_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closer_looks",
                        to="recover.case",
                    ),
                ),
                (
                    "looked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case"], name="closer_look_by_case")],
            },
        ),
        migrations.CreateModel(
            name="Demand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked", models.TextField()),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("marked_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demands",
                        to="recover.case",
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "why",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.explanation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case"], name="demand_by_case")],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("normal", models.CharField(blank=True, max_length=100)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("noted_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="recover.case",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("normal", ""), _negated=True),
                        fields=["normal"],
                        name="receipt_by_reference",
                    ),
                    models.Index(
                        condition=models.Q(("digest", ""), _negated=True), fields=["digest"], name="receipt_by_digest"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "normal", "digest"), name="receipt_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("normal", ""), _negated=True),
                            models.Q(("digest", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="receipt_is_something",
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(forwards, backwards)
            for table, columns in TRACKED.items()
            for forwards, backwards in triggers(table, columns)
        ),
    ]
