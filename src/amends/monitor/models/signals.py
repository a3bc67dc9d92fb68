"""Signals as they were accepted or set aside, who is served by their subjects, and how far the monitor has got."""

from uuid import uuid4

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from amends.people.models import Customer

INTAKE_LOCK = 7_201_302  # advisory: shared by each intake for its transaction, taken alone by the reader for a moment


class Signal(models.Model):
    """One fact as it was accepted; its number is the order of arrival."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=200)
    signal_id = models.CharField(max_length=200)
    type = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    time = models.DateTimeField()
    customer = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 -- null is "not said" in the contract
    unit = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- the same
    data = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "signal_id"], name="signal_once")]
        indexes = [models.Index(fields=["subject", "time"], name="signal_by_subject")]


class RosterEntry(models.Model):
    """Who is served by a subject, and under which terms (fare, seat, connection): the passengers of a flight.

    The fact `order`, in any industry, is the number on what the customer bought; a caller is found by its beginning.
    """

    subject = models.CharField(max_length=300, db_collation="C")  # so that its key finds beginnings
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "customer"], name="roster_entry_once")]
        indexes = [
            models.Index(
                OpClass(Upper(KeyTextTransform("order", "facts")), name="text_pattern_ops"),
                condition=Q(facts__has_key="order"),
                name="roster_by_order",
            )
        ]


class SetAside(models.Model):
    """A signal on record that the monitor could not judge, and why: too late, ahead of time, or unreadable."""

    source = models.CharField(max_length=200)
    signal_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    time = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "signal_id"], name="set_aside_once")]
        indexes = [models.Index(fields=["-noted_at", "-id"], name="set_aside_by_time")]


class MonitorProgress(models.Model):
    """How far the live monitor's findings have reached this database (one row a stream)."""

    stream = models.CharField(max_length=200, unique=True)
    state = models.UUIDField(default=uuid4)  # names the monitor's own file; a restored database starts a new one
    position = models.CharField(max_length=64)
    watermark = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)  # what is older, the version before has found, and so it stays
    signals = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    read_to = models.BigIntegerField(default=0)  # the number of the last signal that was judged
    per_second = models.FloatField(default=0)  # signals, over the last minute
    updated_at = models.DateTimeField()
