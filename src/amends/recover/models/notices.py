"""Notices: what a member of staff should know of a case, until they have seen it."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.recover.core.notices import MANY
from amends.recover.models.cases import Case


class Notice(models.Model):
    """One thing for one person to know. Not part of the case's record: what it speaks of is on record there."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="notices", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=24)  # recover/core/notices.py has the words
    key = models.CharField(max_length=100)  # the same key again is the same notice
    en = models.TextField()
    zh = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["staff", "-id"], name="notice_by_staff"),
            models.Index(fields=["staff", "what", "-id"], name="notice_by_what"),
            models.Index(fields=["staff"], condition=Q(seen_at__isnull=True), name="notice_unseen"),
        ]

    @property
    def is_of_many(self) -> bool:
        """Is it about several cases, of which `case` is only one?"""
        return self.key.startswith(MANY)
