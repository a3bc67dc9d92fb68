"""What a person may enter at the case desk, checked before any service sees it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.recover.models import CaseLink
from amends.recover.selectors.inbox import READERS
from amends.recover.services.linking import SAID
from amends.web.console.forms import Act

MOST_ID = 2**62


class Numbers(forms.Field):
    """Numbers of rows, from boxes of one name or from one field with commas."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[int]:
        """In the order given, each once."""
        parts = [part for one in value or [] for part in str(one).split(",") if part]
        if any(not (part.isascii() and part.isdigit() and len(part) < 19) for part in parts):
            raise forms.ValidationError(_("These are no rows of ours."))
        return list(dict.fromkeys(map(int, parts)))


class Codes(forms.Field):
    """Codes of the pack, from a list of boxes."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(str(one)[:64] for one in value or [] if one))


class Receiver(forms.CharField):
    """`staff:7`, `team:2` or `unit:5`, as what the services call it."""

    def to_python(self, value: Any) -> dict[str, int] | None:  # type: ignore[override]  # a field of structured rows gives no text
        """One receiver, or none."""
        text = super().to_python(value)
        if not text:
            return None
        kind, _sep, number = text.partition(":")
        if kind not in {"staff", "team", "unit"} or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise forms.ValidationError(_("Choose who receives it."))
        return {f"to_{kind}": int(number)}


class Merge(Act):
    """Into which case."""

    into = forms.IntegerField(
        min_value=1, max_value=MOST_ID, error_messages={"required": _("Say into which case, by its number.")}
    )
    note = forms.CharField(max_length=2000, required=False, strip=True)


class Split(Act):
    """Which failures become a case of their own, and which open steps go along."""

    failures = Numbers(required=False)
    actions = Numbers(required=False)
    note = forms.CharField(max_length=2000, required=False, strip=True)


class Link(Act):
    """How it hangs together with which other case."""

    other = forms.IntegerField(
        min_value=1, max_value=MOST_ID, error_messages={"required": _("Say which other case, by its number.")}
    )
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in CaseLink.Kind if kind in SAID])
    note = forms.CharField(max_length=2000, required=False, strip=True)


class HandOver(Act):
    """To whom, and what they need to know."""

    to = Receiver(error_messages={"required": _("Choose who receives it.")})
    note = forms.CharField(
        max_length=2000, strip=True, error_messages={"required": _("Please write what the receiver needs to know.")}
    )


class Assign(Act):
    """To whom; nobody named: as the queues say."""

    to_staff = forms.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    note = forms.CharField(max_length=2000, required=False, strip=True)


class Here(forms.Form):
    """What the page says of itself: which version it shows, whether somebody is writing on it."""

    version = forms.IntegerField(required=False, min_value=0)
    writing = forms.BooleanField(required=False)


class Bulk(forms.Form):
    """An act on many cases: which, and what it needs."""

    act = forms.CharField(max_length=32)
    cases = Numbers(required=False)
    every = forms.BooleanField(required=False)  # all that match the query
    query = forms.CharField(max_length=1000, required=False)
    ready = forms.BooleanField(required=False)  # what the act needs was asked for
    to = Receiver(required=False)
    note = forms.CharField(max_length=2000, required=False, strip=True)
    reply = forms.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    subject = forms.CharField(max_length=300, required=False, strip=True)
    body = forms.CharField(max_length=20_000, required=False, strip=True)
    days = forms.IntegerField(required=False, min_value=1, max_value=365)


class View(forms.Form):
    """A view to keep."""

    name = forms.CharField(max_length=60, strip=True, error_messages={"required": _("A view needs a name.")})
    query = forms.CharField(max_length=1000, required=False)
    shared = forms.BooleanField(required=False)
    role = forms.ChoiceField(required=False, choices=[("", ""), *((role, role) for role in READERS)])
    unit = forms.CharField(max_length=64, required=False)  # code; empty: their own, or the whole company


class TeamForm(forms.Form):
    """A team."""

    name_en = forms.CharField(max_length=100, strip=True)
    name_zh = forms.CharField(max_length=100, strip=True)
    unit = forms.IntegerField(min_value=1, max_value=MOST_ID)


class Words(forms.CharField):
    """Codes parted by commas or spaces."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a field of structured rows gives no text
        """Each once."""
        text = super().to_python(value).replace("，", " ").replace(",", " ")
        return list(dict.fromkeys(part[:64] for part in text.split()))


class Member(forms.Form):
    """Somebody in a team, and what they take on."""

    staff_id = forms.IntegerField(min_value=1, max_value=MOST_ID)
    languages = forms.MultipleChoiceField(choices=[("zh", "zh"), ("en", "en")], required=False)
    kinds = Codes(required=False)
    tiers = Words(required=False, max_length=500)
    severity_most = forms.TypedChoiceField(choices=[(n, n) for n in (1, 2, 3)], coerce=int)
    most_open = forms.IntegerField(min_value=0, max_value=1000)


class QueueForm(forms.Form):
    """A rule that leads cases to a team."""

    name_en = forms.CharField(max_length=100, strip=True)
    name_zh = forms.CharField(max_length=100, strip=True)
    place = forms.IntegerField(min_value=1, max_value=9999)
    unit_id = forms.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    kinds = Codes(required=False)
    tiers = Words(required=False, max_length=500)
    languages = forms.MultipleChoiceField(choices=[("zh", "zh"), ("en", "en")], required=False)
    severity_least = forms.TypedChoiceField(choices=[(n, n) for n in (1, 2, 3)], coerce=int)
