"""The audit trail."""

from django.db import models

from amends.recover.models.cases import Case


class TrailEntry(models.Model):
    """The audit trail of a case: written by triggers, one entry a case and statement, append-only, hash-chained."""

    # no check of the foreign key: the triggers take it from rows whose own key is checked
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="trail", db_index=False, db_constraint=False)
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the case
    at = models.DateTimeField()  # the machine's clock: when it was written
    actor = models.CharField(max_length=200)  # "automatic", "staff:7" or "customer:12"
    act = models.CharField(max_length=100)  # the service that did it
    rows = models.CharField(max_length=32)  # the table that changed
    changes = models.TextField()  # rows as they became: JSON, letter by letter as the digest covers it
    previous = models.BinaryField(null=True)
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="trail_entry_once")]
