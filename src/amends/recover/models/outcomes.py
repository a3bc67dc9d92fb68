"""What came of cases, and the responses to incidents that cover those without one."""

from django.db import models

from amends.monitor.models import Incident
from amends.people.models import Customer, Staff
from amends.policy.models import BlueprintVersion, Explanation
from amends.recover.models.cases import Case


class Outcome(models.Model):
    """What came of a case: accepted or not, satisfaction before and after, stayed or left, told others."""

    class Source(models.TextChoices):
        """Who says so; simulated answers are never mixed up with real ones."""

        CUSTOMER = "customer"
        STAFF = "staff"
        SIMULATED = "simulated"

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="outcome")
    accepted = models.BooleanField(null=True)
    satisfaction_before = models.PositiveSmallIntegerField(null=True)  # 1-5
    satisfaction_after = models.PositiveSmallIntegerField(null=True)  # 1-5
    stays = models.BooleanField(null=True)
    told_others = models.BooleanField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.TextField(blank=True)


class IncidentResponse(models.Model):
    """The systematic response: one plan for all whom an incident hit lightly; each of them is on record as affected."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="response")
    playbook = models.CharField(max_length=100)
    why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    told_until = models.BigIntegerField(default=0)  # the last `affected` row that the response has reached
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )


class Withheld(models.Model):
    """A customer whom a response did not write to, and why: they do not want to be contacted."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="withheld")
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "customer"], name="withheld_once")]
