"""The words by which a case is found get a table of their own, so that its row can change without touching them.

An index by owner need not hold cases that nobody has; keys to what stays for good are not checked at each write.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSE = """
create function recover_cases_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'cases are not deleted: a case is closed, merged or withdrawn' using errcode = 'restrict_violation';
end $body$;
create trigger recover_cases_stay before delete on recover_case
    for each statement execute function recover_cases_stay();
"""
ALLOW = "drop trigger recover_cases_stay on recover_case; drop function recover_cases_stay();"
P = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0003_fewer_checks_and_indexes"),
        ("people", "0003_customers_stay"),
        ("policy", "0002_what_decided_stays"),
        ("recover", "0003_lists_at_a_million"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseSearch",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="recover.case",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_open_owner",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_search",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_owner",
        ),
        migrations.RunSQL(
            "insert into recover_casesearch (case_id, words) select id, coalesce(search, '') from recover_case",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(
            model_name="case",
            name="search",
        ),
        migrations.AlterField(
            model_name="action",
            name="plan",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="actions",
                to="recover.plan",
            ),
        ),
        migrations.AlterField(
            model_name="action",
            name="why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="approval",
            name="why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="cause",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="what_happened",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="incidentresponse",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AlterField(
            model_name="incidentresponse",
            name="why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="remedy",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)),
                fields=["owner", "-opened_at", "-id"],
                name="case_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True), ("owner__isnull", False)),
                fields=["owner", "-priority"],
                name="case_open_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="casesearch",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["words"], name="case_search"),
        ),
        migrations.AlterField(
            "action",
            "case",
            models.ForeignKey("recover.case", P, related_name="actions", db_index=False, db_constraint=False),
        ),
        migrations.AlterField(
            "casefailure",
            "case",
            models.ForeignKey("recover.case", P, related_name="case_failures", db_index=False, db_constraint=False),
        ),
        migrations.AlterField(
            "casefailure", "failure", models.ForeignKey("monitor.failure", P, related_name="+", db_constraint=False)
        ),
        migrations.AlterField(
            "clock",
            "case",
            models.ForeignKey("recover.case", P, related_name="clocks", db_index=False, db_constraint=False),
        ),
        migrations.AlterField(
            "plan", "case", models.OneToOneField("recover.case", P, related_name="plan", db_constraint=False)
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
