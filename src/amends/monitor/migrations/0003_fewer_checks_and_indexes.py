"""Who was hit is written by the ten thousand: no index that another one covers, no check of keys to what stays."""

import django.db.models.deletion
from django.db import migrations, models

REFUSE = """
create function monitor_failures_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'failures are not deleted: what was broken stays on record' using errcode = 'restrict_violation';
end $body$;
create trigger monitor_failures_stay before delete on monitor_failure
    for each statement execute function monitor_failures_stay();
"""
ALLOW = "drop trigger monitor_failures_stay on monitor_failure; drop function monitor_failures_stay();"


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0002_set_aside"),
        ("people", "0003_customers_stay"),
        ("policy", "0002_what_decided_stays"),
    ]

    operations = [
        migrations.AlterField(
            model_name="affected",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affected",
                to="people.customer",
            ),
        ),
        migrations.AlterField(
            model_name="affected",
            name="failure",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affected",
                to="monitor.failure",
            ),
        ),
        migrations.AlterField(
            model_name="affected",
            name="severity_why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="failure",
            name="attribution_why",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="failure",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AlterField(
            model_name="failure",
            name="severity_why",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="explanation",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="rosterentry",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.customer"
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
