"""What people, and the customer's own words, have said about a case over what the facts say; and each such change."""

from django.db import models

from amends.monitor.models import SEVERITY_CHOICES
from amends.people.models import Staff
from amends.policy.models import Explanation
from amends.recover.models.cases import Case
from amends.recover.models.plans import Action


class Assessment(models.Model):
    """What was judged otherwise than the facts say, or beyond them; empty where nobody did. A case has one at most."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="assessment")
    kind = models.CharField(max_length=64, blank=True)
    severity = models.PositiveSmallIntegerField(null=True, choices=SEVERITY_CHOICES)  # as a person judged it
    heard = models.PositiveSmallIntegerField(
        null=True, choices=SEVERITY_CHOICES
    )  # at least so, by the customer's words
    heard_why = models.ForeignKey(Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    responsible = models.CharField(max_length=16, blank=True)
    supplier = models.CharField(max_length=200, blank=True)  # one of the pack's, or a name
    controllable = models.BooleanField(null=True)
    stable = models.BooleanField(null=True)
    gap = models.CharField(max_length=16, blank=True)
    promised = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    perceived = models.TextField(blank=True)
    pressing = models.SmallIntegerField(null=True)  # points of the priority beyond the formula, of PRESSING
    emotion = models.CharField(max_length=16, blank=True, default="")  # what the customer feels, as a person sees it
    emotion_at = models.DateTimeField(null=True)  # older than new words of the customer, it counts no longer
    stage = models.CharField(max_length=16, blank=True, default="")  # how far the talk has come, set by a person
    stage_at = models.DateTimeField(null=True)


class Edit(models.Model):
    """One change of an assessment or a plan, append-only: who, when, from what, to what, and why."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="edits", db_index=False)
    action = models.ForeignKey(Action, null=True, on_delete=models.PROTECT, related_name="edits", db_index=False)
    aspect = models.CharField(max_length=24)  # of the assessment, or of an action: added, amount, due_at …
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)  # in the person's words
    why = models.ForeignKey(  # of an automatic change
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="edit_by_case")]
