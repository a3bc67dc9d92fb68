"""Predictions: what was learnt and when, the chance of each promise that is open, and who steps in before it breaks.

A model is numbers as JSON. Nothing that is loaded from here can run anything: see `core.prediction.trees`.
"""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff, Unit
from amends.policy.models import BlueprintVersion


class Training(models.Model):
    """A training and what came of it; its number is the version of its model."""

    state = models.CharField(max_length=16)  # monitor/core/prediction/lifecycles.py has the lifecycle
    in_force = models.BooleanField(default=False)  # chances are told by this one
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # None: nightly
    percent = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()  # promises due from here on,
    until = models.DateTimeField()  # up to here
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    promises = models.PositiveBigIntegerField(default=0)  # learnt from
    judged = models.PositiveBigIntegerField(default=0)  # judged on
    model = models.JSONField(null=True)  # core.prediction.model; None: none came of it, or it is too old to be kept
    spread = models.JSONField(null=True)  # of its chances when it was judged; core.prediction.drift
    metrics = models.JSONField(null=True)  # by way: boosting, logistic, base_rate
    spots = models.JSONField(default=list)  # core.prediction.spots
    drift = models.JSONField(null=True)  # what the last days say of it
    drifted_at = models.DateTimeField(null=True)  # since when its chances give way to base rates
    checked_at = models.DateTimeField(null=True)
    said_en = models.CharField(max_length=500, blank=True)  # why there is no model, or why it is not in force
    said_zh = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="one_model_in_force"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_training_at_a_time"),
        )
        indexes = (models.Index(fields=["-asked_at", "-id"], name="training_by_time"),)

    def __str__(self) -> str:
        return str(self.pk)


class Foreseen(models.Model):
    """The chance that a promise that is open will be broken, as it was told last."""

    promise_key = models.CharField(max_length=800, unique=True)  # as a failure has it
    standard = models.CharField(max_length=100)
    subject = models.CharField(max_length=300)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    opened_at = models.DateTimeField()
    due = models.DateTimeField()
    chance = models.FloatField()
    grounds = models.CharField(max_length=16)  # model, unknown_kind or drifted
    why = models.JSONField(default=list)  # sentences, each {en, zh}
    customers = models.PositiveIntegerField(default=1)  # who would be hit
    cost = models.DecimalField(max_digits=14, decimal_places=2)  # expected: chance x customers x cost of one
    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="+", db_index=False)
    told_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["-cost", "id"], name="foreseen_by_cost"),
            models.Index(fields=["subject", "standard"], name="foreseen_by_subject"),
        )


class Intervention(models.Model):
    """Somebody is to step in before a promise breaks, with the prepared plan; one for each promise, ever."""

    promise_key = models.CharField(max_length=800, unique=True)
    state = models.CharField(max_length=16)  # monitor/core/prediction/lifecycles.py has the lifecycle
    standard = models.CharField(max_length=100)
    kind = models.CharField(max_length=64)  # of the failure that it would be
    subject = models.CharField(max_length=300)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    due = models.DateTimeField()
    chance = models.FloatField()  # when it was raised, as all that follows
    customers = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=14, decimal_places=2)
    why = models.JSONField()
    playbook = models.CharField(max_length=64)
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    training = models.ForeignKey(Training, on_delete=models.PROTECT, related_name="+", db_index=False)
    raised_at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # who last did something
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    broken = models.BooleanField(null=True)  # what came of the promise; None: not known yet

    class Meta:
        indexes = (
            models.Index(fields=["state", "-cost"], name="intervention_by_cost"),
            models.Index(fields=["due"], condition=Q(broken=None), name="intervention_to_come"),
        )

    def __str__(self) -> str:
        return self.subject
