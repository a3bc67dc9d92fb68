from django.db import migrations

from amends.policy.ordered_json import OrderedJSONField


class Migration(migrations.Migration):
    """Versions that are there keep the order that they lost; the next one published has its pack's."""

    dependencies = [("policy", "0002_what_decided_stays")]

    operations = [
        migrations.AlterField(model_name="blueprintversion", name="content", field=OrderedJSONField()),
    ]
