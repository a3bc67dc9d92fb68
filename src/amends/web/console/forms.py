"""What a person may enter on the console, checked before any service sees it."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.kernel.blueprint.guidance import EMOTIONS, STAGES

YES_NO = ((None, _("not known")), (True, _("yes")), (False, _("no")))
RATINGS = ((None, _("not known")), *((rating, str(rating)) for rating in range(1, 6)))


def _yes_or_no(value: str) -> bool | None:
    return {"True": True, "False": False}.get(value)


WRITTEN_SUM: Final = re.compile(
    r"(?:[A-Z]{3}|[$¥￥€£])?\s*(\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?:[A-Z]{3}|美?元)?"
)


class SumField(forms.DecimalField):
    """A sum as people write it: 1200, 1,200.50 or $1,200. The currency is never asked for, so what is said of it falls
    away."""

    def to_python(self, value: Any) -> Any:
        """The bare number, where it is written so; all else is checked as it is."""
        found = WRITTEN_SUM.fullmatch(value.strip()) if isinstance(value, str) else None
        return super().to_python(re.sub("[,，]", "", found[1]) if found else value)


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


class InternalNote(Act):
    """Words to colleagues."""

    body = forms.CharField(max_length=20_000, strip=True, error_messages={"required": _("A note needs words.")})


class Feeling(Act):
    """What the customer feels; empty: as it is read from what is known."""

    emotion = forms.ChoiceField(choices=[(one, one) for one in EMOTIONS], required=False)


class Step(Act):
    """The stage of the talk to go to."""

    stage = forms.ChoiceField(choices=[(one, one) for one in STAGES])


class Ticked(Act):
    """A step of the checklist, ticked or no longer."""

    item = forms.CharField(max_length=64)
    ticked = forms.BooleanField(required=False)


class Minutes(Act):
    """Time spent."""

    minutes = forms.IntegerField(
        min_value=1,
        max_value=24 * 60,
        error_messages={
            "required": _("Please say how many minutes."),
            "invalid": _("Please say how many minutes, in figures."),
            "min_value": _("At least one minute."),
            "max_value": _("At most a day at once."),
        },
    )
    what = forms.CharField(max_length=200, required=False, strip=True)


class TimerEnd(Act):
    """What the time went into."""

    what = forms.CharField(max_length=200, required=False, strip=True)


class Prepared(forms.Form):
    """What canned replies and macros have in common: a name, and whose they are."""

    name = forms.CharField(max_length=100, strip=True, label=pgettext_lazy("of a thing", "Name"))
    whose = forms.ChoiceField(label=_("Who may use it"))
    unit = forms.ChoiceField(required=False, label=_("Unit"))

    def __init__(self, *given: Any, units: list[tuple[str, str]], shares: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [("own", _("only me"))]
        if units:
            choices.append(("unit", _("a unit and all below it")))
        if shares:
            choices.append(("shared", _("everybody")))
        self.fields["whose"].choices = choices  # type: ignore[attr-defined]  # a choice field, declared as Field
        self.fields["unit"].choices = [("", "–"), *units]  # type: ignore[attr-defined]  # a choice field, declared as Field

    def clean(self) -> dict[str, Any]:
        """A unit's needs the unit."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("whose") == "unit" and not given.get("unit"):
            self.add_error("unit", _("Please say which unit."))
        return given


class ReplyForm(Prepared):
    """A canned reply in both languages."""

    subject_en = forms.CharField(max_length=300, strip=True, label=_("Subject, in English"))
    subject_zh = forms.CharField(max_length=300, strip=True, label=_("Subject, in Chinese"))
    body_en = forms.CharField(
        max_length=10_000, strip=True, label=_("Words, in English"), widget=forms.Textarea(attrs={"rows": 8})
    )
    body_zh = forms.CharField(
        max_length=10_000, strip=True, label=_("Words, in Chinese"), widget=forms.Textarea(attrs={"rows": 8})
    )


class MacroForm(Prepared):
    """A macro; its steps are read by the view."""
