"""What a person may enter on the console, checked before any service sees it."""

from django import forms
from django.utils.translation import gettext_lazy as _

YES_NO = ((None, _("not known")), (True, _("yes")), (False, _("no")))
RATINGS = ((None, _("not known")), *((rating, str(rating)) for rating in range(1, 6)))


def _yes_or_no(value: str) -> bool | None:
    return {"True": True, "False": False}.get(value)


class Act(forms.Form):
    """What every act on a case carries: the version that the person saw, so that nobody overwrites another."""

    version = forms.IntegerField(required=False, min_value=0)


class Note(Act):
    """A remark that goes into the record."""

    note = forms.CharField(max_length=2000, required=False, strip=True)


class Refusal(Act):
    """A refusal needs its reason."""

    note = forms.CharField(
        max_length=2000, strip=True, error_messages={"required": _("Please say why: the reason goes into the record.")}
    )


class Objection(Act):
    """What the customer says against it, in their own words."""

    words = forms.CharField(
        max_length=5000, strip=True, error_messages={"required": _("Please write down what the customer said.")}
    )


class Letter(Act):
    """A message to the customer."""

    subject = forms.CharField(max_length=300, strip=True, error_messages={"required": _("A message needs a subject.")})
    body = forms.CharField(max_length=20_000, strip=True, error_messages={"required": _("A message needs words.")})
    next_by = forms.DateTimeField(required=False, error_messages={"invalid": _("Please choose a date and a time.")})


class NextUpdate(Act):
    """By when the customer hears from us next."""

    by = forms.DateTimeField(
        error_messages={
            "required": _("Please choose a date and a time."),
            "invalid": _("Please choose a date and a time."),
        }
    )


class Needed(Act):
    """What we need from the customer before we can go on."""

    needed = forms.CharField(
        max_length=5000, strip=True, error_messages={"required": _("Please say what we need from the customer.")}
    )


class Result(Act):
    """What came of a case."""

    accepted = forms.TypedChoiceField(choices=YES_NO, coerce=_yes_or_no, required=False, empty_value=None)
    satisfaction_before = forms.TypedChoiceField(choices=RATINGS, coerce=int, required=False, empty_value=None)
    satisfaction_after = forms.TypedChoiceField(choices=RATINGS, coerce=int, required=False, empty_value=None)
    stays = forms.TypedChoiceField(choices=YES_NO, coerce=_yes_or_no, required=False, empty_value=None)
    told_others = forms.TypedChoiceField(choices=YES_NO, coerce=_yes_or_no, required=False, empty_value=None)
    note = forms.CharField(max_length=2000, required=False, strip=True)
