"""Teams, who is in them with which skills, and the queues that say which team gets which case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amends.monitor.models import SEVERITY_CHOICES
from amends.people.models import Staff, Unit


def _words() -> models.Field:
    return ArrayField(models.CharField(max_length=64), default=list, blank=True)


class Team(models.Model):
    """People of a unit who work on cases together."""

    name_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name_en"], name="team_once")]

    def __str__(self) -> str:
        return self.name_en


class TeamMember(models.Model):
    """One person in one team. A list of skills that is empty holds no limit: they take any of that kind."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="memberships")
    languages = _words()  # "zh", "en"
    kinds = _words()  # of failure
    tiers = _words()
    severity_most = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES, default=3)
    most_open = models.PositiveSmallIntegerField(default=20)  # open cases; beyond it nothing more is assigned

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "staff"], name="team_member_once")]


class Queue(models.Model):
    """A saved rule: which cases are whose. The first one that fits, by its place, decides; an empty list fits all."""

    name_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="queues")
    place = models.PositiveSmallIntegerField(default=100)  # lowest first
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kinds = _words()
    tiers = _words()
    languages = _words()
    severity_least = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES, default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["place", "id"], condition=Q(is_active=True), name="queue_by_place")]

    def __str__(self) -> str:
        return self.name_en
