"""What staff write to each other about a case, and what they have begun to write. Customers never see any of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amends.people.models import Staff
from amends.recover.models.cases import Case


class Note(models.Model):
    """An internal note. It stays as it was written; who was mistaken writes another, or takes it back while it can be
    undone: then it has no words here, and those that it had stay on the trail."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.TextField()
    mentioned = ArrayField(models.BigIntegerField(), default=list)  # members of staff named with an @
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "written_at"], name="note_by_case")]


class Draft(models.Model):
    """What somebody has typed into a form of a case and not sent yet: theirs alone, on whatever device they sit."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    form = models.CharField(max_length=16)  # recover/core/draft.py names the forms and their fields
    content = models.JSONField()  # personal
    revision = models.PositiveIntegerField(default=1)  # counts the savings; who saves over a later one is told
    saved_at = models.DateTimeField()

    personal = ("content",)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "case", "form"], name="draft_once")]
