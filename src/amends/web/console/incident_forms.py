"""What people enter about incidents, candidates, closures and held standards."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


class Why(forms.Form):
    """A remark that goes into the record."""

    note = forms.CharField(max_length=500, required=False, strip=True)


class Into(Why):
    """Another incident, by its number."""

    into = forms.IntegerField(
        min_value=1, max_value=2**62, error_messages={"required": _("Please give the number of the other incident.")}
    )


class Subjects(Why):
    """Some subjects of an incident."""

    subjects = forms.CharField(required=False)  # checked against the incident by the service

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self._chosen = [one for one in data.getlist("subjects") if len(one) <= 300][:500]

    def clean_subjects(self) -> list[str]:
        """All that were ticked."""
        return self._chosen


class Confirmation(Why):
    """Which failures belong to a candidate, and which incident it is, if that is known."""

    into = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class ClosureSpan(forms.Form):
    """What is closed, from when until when, and why in both languages."""

    unit = forms.CharField(max_length=64, required=False)
    kind = forms.CharField(max_length=64, required=False)
    name = forms.CharField(max_length=120, required=False, strip=True)
    starts_at = forms.DateTimeField(input_formats=MOMENT)
    ends_at = forms.DateTimeField(input_formats=MOMENT)
    reason_en = forms.CharField(max_length=300, strip=True)
    reason_zh = forms.CharField(max_length=300, strip=True)


class Resumption(Why):
    """Whether what was held is to become failures."""

    take = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
