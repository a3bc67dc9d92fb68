"""The case desk: how cases hang together, through whose hands they went, and what may still be undone."""

from django.db import models
from django.db.models import F, Q

from amends.people.models import Staff, Unit
from amends.policy.models import Explanation
from amends.recover.models.cases import Case
from amends.recover.models.teams import Team


class CaseLink(models.Model):
    """One case's tie to another: said by people, or left behind by a merge or a split. Ended links stay on record."""

    class Kind(models.TextChoices):
        """Read from `case` to `other`."""

        RELATED = "related"
        DUPLICATE_OF = "duplicate_of"
        CAUSED_BY = "caused_by"
        MERGED_INTO = "merged_into"
        SPLIT_FROM = "split_from"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links", db_index=False)
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="linked_by")
    kind = models.CharField(max_length=16, choices=Kind)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "other", "kind"], condition=Q(ended_at=None), name="case_link_once"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(kind="merged_into"), name="case_merged_once"),
            models.CheckConstraint(condition=~Q(case=F("other")), name="case_link_to_another"),
        ]


class CaseFamily(models.Model):
    """Cases that were merged or split count as one where authority asks what a case was given; `root` names them."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT, related_name="family")
    root = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")


class Handover(models.Model):
    """One change of hands: who had the case, who has it now, why, and whether the receiver has taken notice."""

    class How(models.TextChoices):
        """What led to it."""

        HANDED_OVER = "handed_over"  # with a note
        ASSIGNED = "assigned"  # by someone who leads
        AUTOMATIC = "automatic"  # by the queues
        NEXT = "next"  # asked for the next one
        TAKEN = "taken"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers")
    how = models.CharField(max_length=12, choices=How)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # null: automatic
    from_staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.TextField(blank=True)
    why = models.ForeignKey(Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_at = models.DateTimeField(null=True, blank=True)  # the receiver opened the case
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["to_staff", "case"],
                condition=Q(how="handed_over", seen_at=None, undone_at=None),
                name="handover_not_seen",
            )
        ]


class UndoStep(models.Model):
    """What an act changed, so that whoever did it can take it back for a short while, if nothing followed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="undo_steps", db_index=False)
    act = models.CharField(max_length=32)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()  # of the case after the act: another one means that something followed
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="undo_by_staff")]


class Presence(models.Model):
    """Who has a case open on a screen. Not logged and soon out of date: a lost row is only a notice less."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    seen_at = models.DateTimeField()
    writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "staff"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_by_time")]
