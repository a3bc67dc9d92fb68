"""The two things that a customer may send from their page, checked before any service sees them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.web.portal.words import RATINGS


class Yes(forms.Form):
    """It is made good; a rating may come along."""

    rating = forms.TypedChoiceField(
        choices=[(rating, word) for rating, word in RATINGS.items()], coerce=int, required=False, empty_value=None
    )


class Words(forms.Form):
    """The customer's own words."""

    words = forms.CharField(
        max_length=5000,
        strip=True,
        error_messages={
            "required": _("Please tell us in a few words what is not right yet."),
            "max_length": _("That is more than 5,000 characters. Please shorten it a little."),
        },
    )

    def clean_words(self) -> Any:
        """Browsers send line breaks in two characters; a form sent twice should be the same words."""
        return self.cleaned_data["words"].replace("\r\n", "\n")
