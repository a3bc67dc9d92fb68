"""How signals come in besides the API: files, uploads and streams; and how far the clocks of their sources are out."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff


class IntakeFile(models.Model):
    """A file of signals, found in the watched folder or uploaded by somebody, and how far it was taken in."""

    class Way(models.TextChoices):
        """How it came."""

        FOLDER = "folder"
        UPLOAD = "upload"

    way = models.CharField(max_length=8, choices=Way)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()  # bytes
    mark = models.CharField(max_length=64)  # folder: this very file on the disk; upload: the digest of what it holds
    state = models.CharField(max_length=10)  # monitor/core/intake.py has the lifecycle
    given = models.JSONField(default=dict)  # upload: how it is read: encoding, delimiter, columns, zone
    total = models.BigIntegerField(null=True)  # rows; null: not counted
    done = models.BigIntegerField(default=0)  # rows, in the order of the file
    accepted = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    said_en = models.CharField(max_length=500, blank=True)  # why it was refused, or could be read no further
    said_zh = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    came_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark"], condition=Q(way="folder"), name="intake_file_once"),
        ]
        indexes = [
            models.Index(fields=["-came_at", "-id"], name="intake_file_by_time"),
            models.Index(fields=["by", "-came_at"], name="intake_file_by_person"),
        ]


class RejectedRow(models.Model):
    """A row of a file that is no signal, and why."""

    file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="rows", db_index=False)
    row = models.BigIntegerField()  # counted from 1, the head of the table not counted
    said_en = models.CharField(max_length=500)
    said_zh = models.CharField(max_length=500)
    cells = models.JSONField(default=list)  # upload: as they came

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "row"], name="rejected_row_once")]


class UploadPart(models.Model):
    """A piece of an uploaded file, kept until its rows are taken in."""

    file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="upload_part_once")]


class StreamPosition(models.Model):
    """How far a partition of a Kafka topic was taken in; written in the transaction that accepts its signals."""

    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    position = models.BigIntegerField()  # of the next message
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "partition"], name="stream_position_once")]


class ParkedMessage(models.Model):
    """A message of a Kafka topic that is no signal, and why; its partition went on."""

    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    offset = models.BigIntegerField()
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)  # its beginning, if it is long
    size = models.BigIntegerField()  # bytes of the whole
    said_en = models.CharField(max_length=500)
    said_zh = models.CharField(max_length=500)
    parked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "partition", "offset"], name="parked_message_once")]
        indexes = [models.Index(fields=["-parked_at", "-id"], name="parked_message_by_time")]


class SourceClock(models.Model):
    """How the times that a source tells differ from ours: over the hour that goes on, and over the one before."""

    source = models.CharField(max_length=200, unique=True)
    heard_at = models.DateTimeField()  # the last signal or refusal
    hour = models.DateTimeField()  # the beginning of the hour that goes on
    signals = models.BigIntegerField(default=0)  # in this hour
    least = models.DurationField(null=True)  # between happening and arrival, the quickest signal of this hour
    most = models.DurationField(null=True)
    refused = models.BigIntegerField(default=0)  # in this hour, as their time lay in the future
    furthest = models.DurationField(null=True)  # of those, how far ahead
    before = models.JSONField(default=dict)  # the same figures of the last hour in which it was heard
    measured_to = models.BigIntegerField(default=0)  # the number of its last signal that counts here

    class Meta:
        indexes = [models.Index(fields=["-heard_at", "source"], name="source_clock_by_time")]
