import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from amends.policy.together import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("policy", "0001_initial"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Customer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=100, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("external", "External"), ("internal", "Internal")],
                                default="external",
                                max_length=8,
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("locale", models.CharField(default="en", max_length=16)),
                        ("tier", models.CharField(blank=True, max_length=32)),
                        ("value", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                        ("currency", models.CharField(default="USD", max_length=3)),
                        ("vulnerable", models.BooleanField(default=False)),
                        ("vulnerable_reason", models.CharField(blank=True, max_length=200)),
                        ("consent_contact", models.BooleanField(default=True)),
                        ("prefers", models.CharField(blank=True, db_default="", default="", max_length=8)),
                        ("watch_until", models.DateTimeField(blank=True, null=True)),
                        ("watch_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "watch_why",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("watch_lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("synthetic", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.search.SearchVector(
                                    models.Func(
                                        models.F("name"),
                                        models.Value("([㐀-鿿])"),
                                        models.Value(" \\1 "),
                                        models.Value("g"),
                                        function="regexp_replace",
                                        output_field=models.TextField(),
                                    ),
                                    config="simple",
                                ),
                                name="customer_by_name",
                            ),
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Lower("name"), name="text_pattern_ops"
                                ),
                                name="customer_name_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContactPoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contact_points",
                                to="people.customer",
                            ),
                        ),
                        ("kind", models.CharField(choices=[("email", "Email"), ("phone", "Phone")], max_length=8)),
                        ("address", models.CharField(max_length=254)),
                        ("rank", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["kind", "address"],
                                name="contact_point_by_address",
                                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
                            ),
                            models.Index(
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
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Reverse(models.F("address")),
                                    name="text_pattern_ops",
                                ),
                                condition=models.Q(("kind", "phone")),
                                name="contact_point_backwards",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("customer", "kind", "address"), name="contact_point_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=64, unique=True)),
                        ("name_en", models.CharField(max_length=200)),
                        ("name_zh", models.CharField(max_length=200)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="people.unit",
                            ),
                        ),
                        ("path", models.CharField(db_collation="C", max_length=500, unique=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Staff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("front_line", "front_line"),
                                    ("supervisor", "supervisor"),
                                    ("manager", "manager"),
                                    ("quality_owner", "quality_owner"),
                                    ("executive", "executive"),
                                    ("administrator", "administrator"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("authority_level", models.CharField(blank=True, max_length=64)),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="staff",
                                to="people.unit",
                            ),
                        ),
                        ("locale", models.CharField(default="en", max_length=16)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "acts_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acting_accounts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"), name="staff_email_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        (
                                            "front_line",
                                            "supervisor",
                                            "manager",
                                            "quality_owner",
                                            "executive",
                                            "administrator",
                                        ),
                                    )
                                ),
                                name="staff_role_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("name", models.CharField(max_length=100)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("prefix", models.CharField(max_length=12)),
                        ("scopes", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="CustomerChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="changes",
                                to="people.customer",
                            ),
                        ),
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
                        (
                            "by",
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
                        "indexes": [models.Index(fields=["customer", "-at"], name="customer_change_by_customer")],
                    },
                ),
                migrations.CreateModel(
                    name="Shift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shifts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("calendar", models.CharField(max_length=64)),
                        ("from_day", models.DateField()),
                        (
                            "entered_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("entered_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("staff", "from_day"), name="shift_once_a_day")],
                    },
                ),
                migrations.CreateModel(
                    name="SignInLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sign_in_links",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="StandIn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stand_ins",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "stand_in",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stands_in_for",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "entered_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("entered_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("withdrawn_at", None)),
                                fields=["staff", "ends_at"],
                                name="stand_in_by_staff",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="stand_in_goes_forward"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("staff", models.F("stand_in")), _negated=True),
                                name="stand_in_is_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Absence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="absences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("note", models.CharField(blank=True, max_length=200)),
                        (
                            "entered_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("entered_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("withdrawn_at", None)),
                                fields=["staff", "ends_at"],
                                name="absence_by_staff",
                            ),
                            models.Index(
                                condition=models.Q(("withdrawn_at", None)), fields=["ends_at"], name="absence_by_end"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="absence_goes_forward"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
