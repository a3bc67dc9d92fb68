"""What a person may enter about a customer or a complaint, checked before any service sees it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.kernel.text import language_of
from amends.people.profile import checked_email, checked_locale, checked_phone
from amends.people.services import known_by

LANGUAGES = (
    ("en", "English"),
    ("zh-CN", "简体中文"),
    ("zh-TW", "繁體中文"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("pt", "Português"),
    ("ar", "العربية"),
)
"""What is offered; each is named in itself, as whoever speaks it would."""
PREFERS = (("", _("not said")), ("email", _("e-mail")), ("phone", _("phone")))
CHANNELS = (("phone", _("phone")), ("counter", _("at the counter")), ("email", _("e-mail")), ("letter", _("letter")))


def _locales(current: str) -> list[tuple[str, str]]:
    known = dict(LANGUAGES)
    return list(LANGUAGES) if current in known or not current else [(current, current), *LANGUAGES]


class Profile(forms.Form):
    """How a customer wants to be spoken with."""

    locale = forms.CharField(max_length=16, widget=forms.Select(choices=LANGUAGES))
    prefers = forms.ChoiceField(choices=PREFERS, required=False)
    consent_contact = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=200, required=False, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["locale"].widget = forms.Select(choices=_locales(str(self.initial.get("locale", ""))))

    def clean_locale(self) -> str:
        """One that we can name."""
        return _locale(self.cleaned_data["locale"])


class Watched(forms.Form):
    """Handle with care for so many days."""

    days = forms.IntegerField(min_value=1, max_value=730)
    reason = forms.CharField(
        max_length=200, strip=True, error_messages={"required": _("Please say why: colleagues will read it.")}
    )


class Lifted(forms.Form):
    """No longer, and why."""

    reason = forms.CharField(
        max_length=200, strip=True, error_messages={"required": _("Please say why: the reason goes into the record.")}
    )


class Newcomer(forms.Form):
    """A customer whom we don't know yet."""

    name = forms.CharField(max_length=200, strip=True, error_messages={"required": _("What is the customer's name?")})
    phone = forms.CharField(max_length=40, required=False, strip=True)
    email = forms.CharField(max_length=254, required=False, strip=True)
    locale = forms.CharField(max_length=16, widget=forms.Select(choices=LANGUAGES))
    is_new = forms.BooleanField(required=False)  # although somebody has this number already

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: list[Any] = []

    def clean_locale(self) -> str:
        """One that we can name."""
        return _locale(self.cleaned_data["locale"])

    def clean_phone(self) -> str:
        """In its one spelling."""
        return _checked(checked_phone, self.cleaned_data["phone"], _("That is no telephone number."))

    def clean_email(self) -> str:
        """In its one spelling."""
        return _checked(checked_email, self.cleaned_data["email"], _("That is no e-mail address."))

    def clean(self) -> dict[str, Any]:
        """Nobody is made known twice by mistake."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and not given.get("is_new"):
            self.known = known_by(phone=given["phone"], email=given["email"])
            if self.known:
                raise forms.ValidationError(_("We know somebody with this number or address. Is it one of them?"))
        return given


class Complaint(forms.Form):
    """What is complained of."""

    form = forms.RegexField(r"^[0-9a-f]{32}$")
    kind = forms.CharField(max_length=64, error_messages={"required": _("What kind of failure is it?")})
    subject = forms.CharField(max_length=300, required=False, strip=True)
    subject_other = forms.CharField(max_length=300, required=False, strip=True)
    unit = forms.CharField(max_length=64, required=False)
    channel = forms.ChoiceField(choices=CHANNELS)
    words = forms.CharField(
        max_length=10_000,
        strip=True,
        error_messages={"required": _("Please write down what the customer said.")},
    )
    receipt = forms.CharField(max_length=100, required=False, strip=True)

    def clean(self) -> dict[str, Any]:
        """A subject is chosen or typed; what is typed counts."""
        given: dict[str, Any] = super().clean() or {}
        given["about"] = given.get("subject_other") or given.get("subject") or ""
        if not given["about"]:
            self.add_error("subject_other", _("What is it about? Choose one, or type it."))
        return given


def default_locale(locale: str) -> str:
    """Of a newcomer: the language of whoever speaks with them."""
    return "zh-CN" if language_of(locale) == "zh" else "en"


def _locale(value: str) -> str:
    return _checked(checked_locale, value, _("That is no language that we know."))


def _checked(check: Callable[[str], str], value: str, words: Any) -> str:
    try:
        return check(value)
    except ValueError:
        raise forms.ValidationError(words) from None
