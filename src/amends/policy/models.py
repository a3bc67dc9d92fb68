"""The blueprint store: every version of every pack that ever decided something, and the words of each decision."""

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.db.models import Q

from amends.policy.ordered_json import OrderedJSONField


class BlueprintVersion(models.Model):
    """One published version of a pack, kept whole and never changed; whatever was decided points here."""

    name = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # sha256 of the canonical content
    content = OrderedJSONField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=200)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="blueprint_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Explanation(models.Model):
    """Why an automatic choice was made: rule, inputs and words for a customer; shared by all equal choices."""

    digest = models.CharField(max_length=64, unique=True)  # sha256 of rule, inputs, texts and version
    rule = models.CharField(max_length=200)  # path in the pack, such as "tariffs.delay[2]"
    inputs = models.JSONField(default=dict)
    en = models.TextField()
    zh = models.TextField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.en


class Deployment(models.Model):
    """What this database is for (one row): a real company or the demo, and when its present is."""

    class Kind(models.TextChoices):
        """A demo never mixes with real customers."""

        COMPANY = "company"
        DEMO = "demo"

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.COMPANY)
    blueprint_name = models.CharField(max_length=64)
    company_en = models.CharField(max_length=200)
    company_zh = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, default="UTC")  # how times are shown to people
    uid = models.UUIDField(default=uuid4)  # names the monitor's state of this database and of no other
    behind = models.DurationField(default=timedelta(0))  # a demo replays the past: its present lies this far behind
    demo_from = models.DateField(null=True)
    demo_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="deployment_is_one_row")]

    def __str__(self) -> str:
        return self.company_en
