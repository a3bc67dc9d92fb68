"""The look-up as one types, what people change about a customer, and why a watch was set."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

KEEP = """
create function people_append_only() returns trigger language plpgsql as $body$
begin
    raise exception '% is append-only: what is on record stays as it was written', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
create trigger people_customerchange_append_only before update on people_customerchange
    for each statement execute function people_append_only();
"""
LET_GO = """
drop trigger people_customerchange_append_only on people_customerchange;
drop function people_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_customers_stay"),
        ("policy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("locale", "Locale"),
                            ("prefers", "Prefers"),
                            ("consent", "Consent"),
                            ("watch_set", "Watch Set"),
                            ("watch_lifted", "Watch Lifted"),
                        ],
                        max_length=16,
                    ),
                ),
                ("before", models.CharField(blank=True, max_length=200)),
                ("after", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="prefers",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
        migrations.AddField(
            model_name="customer",
            name="watch_lifted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="watch_why",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(fields=["address"], name="contact_point_begins", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.Func(
                        models.F("address"),
                        models.Value(
                            "^\\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\\d)|^0+"
                        ),
                        models.Value(""),
                        function="regexp_replace",
                        output_field=models.TextField(),
                    ),
                    name="text_pattern_ops",
                ),
                condition=models.Q(("kind", "phone")),
                name="contact_point_at_home",
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse(models.F("address")), name="text_pattern_ops"
                ),
                condition=models.Q(("kind", "phone")),
                name="contact_point_backwards",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower("name"), name="text_pattern_ops"
                ),
                name="customer_name_begins",
            ),
        ),
        migrations.AddField(
            model_name="customerchange",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="customerchange",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="people.customer",
            ),
        ),
        migrations.AddIndex(
            model_name="customerchange",
            index=models.Index(fields=["customer", "-at"], name="customer_change_by_customer"),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
