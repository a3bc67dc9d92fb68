import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("thread", models.CharField(max_length=64)),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="people.customer",
                    ),
                ),
                ("direction", models.CharField(choices=[("out", "Out"), ("in", "In")], default="out", max_length=3)),
                ("channel", models.CharField(max_length=32)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("locale", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("received", "Received"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("receipt", models.CharField(blank=True, max_length=200)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["thread", "created_at"], name="message_by_thread"),
                    models.Index(fields=["customer", "created_at"], name="message_by_customer"),
                ],
                "constraints": [models.UniqueConstraint(fields=("key",), name="message_once")],
            },
        ),
    ]
