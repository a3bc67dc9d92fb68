"""Words and acts prepared in advance: canned replies and macros, each of one person, of one unit or shared by all."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff, Unit


class CannedReply(models.Model):
    """A message prepared in both languages, with variables that the case fills."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject_en = models.CharField(max_length=300)
    subject_zh = models.CharField(max_length=300)
    body_en = models.TextField()
    body_zh = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(owner=None) | Q(unit=None), name="reply_of_one")]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Several acts on a case under one name, one after another; each is done as if its button were pressed."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    steps = models.JSONField()  # [{"act": …, …}], see recover/core/macro.py
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(owner=None) | Q(unit=None), name="macro_of_one")]

    def __str__(self) -> str:
        return self.name
