"""Rows of learning: a lesson is a cause found, what to change, and its evidence."""

from django.db import models

from amends.people.models import Unit
from amends.policy.models import BlueprintVersion


class Lesson(models.Model):
    """A cause found, what to change, with its evidence; drafted by the system, confirmed by a person."""

    key = models.CharField(max_length=300, unique=True)  # kind, step, responsible, unit and period
    state = models.CharField(max_length=16)  # learn/core/lesson.py has the lifecycle
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    responsible = models.CharField(max_length=16)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    failures = models.PositiveIntegerField()
    customers = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    evidence = models.JSONField(default=dict)
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300)
    text_en = models.TextField()
    text_zh = models.TextField()
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-cost", "id"], name="lesson_by_cost")]

    def __str__(self) -> str:
        return self.title_en
