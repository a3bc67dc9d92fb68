"""What a person may enter to judge a case anew, to change its plan, or to pursue a claim on a supplier."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.kernel.repairs import REPAIRS
from amends.recover.core.assessing import GAPS, RESPONSIBLE
from amends.recover.core.priority import PRESSING
from amends.web.console.facts_asked import PREFIX
from amends.web.console.forms import Act, SumField

LOCAL_TIME: Final = "%Y-%m-%dT%H:%M"  # as a browser's field for a date and a time has it
YES_NO: Final = (("True", _("yes")), ("False", _("no")))


def _why() -> forms.CharField:
    words = _("Please say why: the reason goes into the record.")
    return forms.CharField(max_length=2000, strip=True, error_messages={"required": words})


def _codes(codes: Any) -> list[tuple[str, str]]:
    return [(code, code) for code in codes]


class Judgement(Act):
    """A case judged otherwise; a field that is not there stays as it is."""

    kind = forms.CharField(max_length=64)
    severity = forms.TypedChoiceField(choices=[(rank, rank) for rank in (1, 2, 3)], coerce=int)
    responsible = forms.ChoiceField(choices=_codes(RESPONSIBLE))
    supplier = forms.CharField(max_length=200, required=False, strip=True)
    controllable = forms.TypedChoiceField(choices=YES_NO, coerce=lambda value: value == "True")
    stable = forms.TypedChoiceField(choices=YES_NO, coerce=lambda value: value == "True")
    gap = forms.ChoiceField(choices=_codes(GAPS))
    promised = forms.CharField(max_length=1000, required=False, strip=True)
    expected = forms.CharField(max_length=1000, required=False, strip=True)
    perceived = forms.CharField(max_length=1000, required=False, strip=True)
    pressing = forms.TypedChoiceField(
        choices=[(points, points) for points in PRESSING], coerce=int, required=False, empty_value=None
    )
    reason = _why()

    def clean(self) -> dict[str, Any]:
        """The changes in one, beside the reason and the version."""
        given = dict(super().clean() or {})
        kept = {name: given.pop(name, None) for name in ("reason", "version")}
        if given.get("responsible") != "supplier":
            given.pop("supplier", None)
        if given.get("pressing") is None:
            given.pop("pressing", None)
        return kept | {"changes": given}


class NewAction(Act):
    """A repair added to a plan."""

    repair = forms.ChoiceField(choices=_codes(REPAIRS))
    amount = SumField(required=False, max_digits=12, decimal_places=3)
    due_at = forms.DateTimeField(required=False, input_formats=[LOCAL_TIME])
    performer = forms.CharField(max_length=16, required=False)
    channel = forms.ChoiceField(
        choices=[("usual", ""), ("outbox", ""), ("sms", ""), ("phone", ""), ("in_person", "")], required=False
    )
    reason = _why()

    def clean_channel(self) -> str | None:
        """None is what is usual for the repair."""
        return {"": None, "usual": None, "in_person": ""}.get(
            self.cleaned_data["channel"], self.cleaned_data["channel"]
        )


class Alteration(Act):
    """An undone action altered; the fields hold what it is, so that what is left as it is does not change."""

    amount = SumField(required=False, max_digits=12, decimal_places=3)
    due_at = forms.DateTimeField(required=False, input_formats=[LOCAL_TIME])
    performer = forms.CharField(max_length=16, required=False)
    channel = forms.ChoiceField(choices=[("outbox", ""), ("sms", ""), ("phone", ""), ("in_person", "")], required=False)
    reason = _why()

    def clean_channel(self) -> str | None:
        """None leaves it as it is."""
        return {"": None, "in_person": ""}.get(self.cleaned_data["channel"], self.cleaned_data["channel"])

    def clean_performer(self) -> str | None:
        """None leaves it as it is."""
        return self.cleaned_data["performer"] or None


class Agreed(Act):
    """The plan brought in line with the playbook."""

    reason = _why()


class Correction(Act):
    """Facts of a case put right: every field that its kind asks for, as it stands or as it is now said."""

    reason = _why()

    def clean(self) -> dict[str, Any]:
        """What was entered, as it was typed, beside the reason and the version."""
        given = dict(super().clean() or {})
        return given | {"entered": {name: str(self.data[name]) for name in self.data if name.startswith(PREFIX)}}


class ClaimMove(Act):
    """A move of a claim on a supplier."""

    recovered = SumField(required=False, max_digits=14, decimal_places=3)
    note = forms.CharField(max_length=2000, required=False, strip=True)
