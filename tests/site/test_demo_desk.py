"""What the demo's people have prepared: there for everybody, made once, and fit for any case."""

import pytest
from django.utils import timezone

from amends.people.models import Staff
from amends.recover.links import without_key
from amends.recover.models import Case, TeamMember
from amends.recover.selectors import macros_for, replies_for
from amends.recover.services import open_cases, preview_macro
from amends.site.demo import cast, desk
from tests import stories

NOW = stories.NOW


@pytest.mark.django_db
def test_replies_a_macro_and_a_team_are_made_once_and_the_macro_fits_a_case() -> None:
    company = stories.company()
    cast.plant()
    cast.sign_ins(now=timezone.now())
    for _ in range(2):
        desk.prepare(now=NOW)
    supervisor = Staff.objects.get(role="supervisor", email__endswith="@demo.example")
    front_line = Staff.objects.get(role="front_line", email__endswith="@demo.example")
    assert len(replies_for(front_line)) == 2
    (macro,) = macros_for(front_line)
    assert TeamMember.objects.count() == 2
    open_cases(stories.broken_flights(company, seats=2, minutes_late=200), now=NOW)
    for case in Case.objects.all():  # whatever their language
        foreseen = preview_macro(macro.pk, case.pk, acting_user=supervisor, now=NOW)
        assert [step.why_not for step in foreseen] == [None, None, None]
        assert "{" not in foreseen[-1].letter.subject + without_key(foreseen[-1].letter.body)
