"""Saved views of the inbox: a filter and an order under a name, one's own or shared."""

from django.db import models

from amends.people.models import Staff, Unit


class SavedView(models.Model):
    """A named filter of the inbox. Shared with a role, a unit and all below it, or both; else its owner's alone."""

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    role = models.CharField(max_length=16, blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    shared = models.BooleanField(default=False)
    query = models.CharField(max_length=1000)  # as the inbox's address has it, checked when it was saved
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]
        indexes = [models.Index(fields=["place", "id"], condition=models.Q(shared=True), name="saved_view_shared")]

    def __str__(self) -> str:
        return self.name
