"""`amends authority`: who may decide a sum and why, and who is away."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from typer.testing import CliRunner, Result

from amends.cli.main import app
from amends.people.models import Absence, StandIn
from amends.recover.models import Case
from tests.web.console.world import airline

Amends = Callable[..., Result]


@pytest.fixture
def amends(transactional_db: None) -> Amends:
    airline()

    def call(*arguments: str, code: int = 0) -> Result:
        said = CliRunner().invoke(app, ["authority", *arguments])
        assert said.exit_code == code, (said.output, said.exception)
        return said

    return call


def test_who_may_decide_is_said_with_its_exit_code(amends: Amends) -> None:
    case = str(Case.objects.order_by("id")[0].pk)
    assert "needs approval" in amends("explain", case, "10").stdout
    assert "may give $10.00 at once" in amends("explain", case, "10", "--as", "front_line@example.test").stdout
    said = amends("explain", case, "1500", "--as", "front_line@example.test", code=1).stdout
    assert "not at once: the limit per case would be exceeded" in said
    assert "may give leave: Fang Wang" in said
    assert re.search(r"^supervisor +\$[\d,]+\.\d\d of \$[\d,]+\.\d\d +\$", said, re.MULTILINE)
    assert not re.search(r"(?<![$\d,.])\d+\.\d\d", said)  # no sum without its currency
    assert "Nobody may" in amends("explain", case, "99000000", code=1).stdout
    told = json.loads(amends("explain", case, "1500", "--json").stdout)
    assert (told["case"], told["somebody_may"], told["at_once"]) == (int(case), True, False)
    assert [one["name"] for one in told["gives_leave"] if one["nearest"]] == ["Fang Wang"]
    amends("explain", case, "0", "--kind", "call", "--as", "front_line@example.test")
    amends("explain", case, "0", "--kind", "employee_support", "--as", "front_line@example.test", code=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("424242", "10"), "no case 424242"),
        (("99999999999999999999", "10"), "no case"),
        (("-4", "10"), "CASE: there is no case -4; give the number"),
        (("CASE", "-5"), "AMOUNT: '-5' is no sum that one can give; write what is to be given, from 0 on"),
        (("CASE", "--", "-5"), "AMOUNT: '-5' is no sum"),
        (("CASE", "10", "--knd", "call"), "--knd"),
        (("CASE", "ten"), "AMOUNT: 'ten' is no number; write"),
        (("CASE", "NaN"), "no sum"),
        (("CASE", "10", "--kind", "bribe"), "--kind: There is no kind of action"),
        (("CASE", "10", "--as", "nobody@example.test"), "no open account"),
        (("CASE", "1e40"), "AMOUNT: An amount is at least nothing and less than"),
    ],
)
def test_bad_input_ends_with_two_and_says_what_is_wrong(amends: Amends, arguments: tuple[str, ...], words: str) -> None:
    case = str(Case.objects.order_by("id")[0].pk)
    assert words in amends("explain", *(case if one == "CASE" else one for one in arguments), code=2).stderr


def test_an_absence_is_entered_with_its_stand_in(amends: Amends) -> None:
    until = f"{timezone.now() + timedelta(days=30):%Y-%m-%dT%H:%M:%S}"
    amends("away", "supervisor@example.test", "--until", until, "--stand-in", "manager@example.test")
    assert Absence.objects.get().staff.name == "Sam Carter"
    assert StandIn.objects.get().stand_in.name == "Fang Wang"
    amends("away", "supervisor@example.test", "--until", until, "--stand-in", "front_line@example.test", code=2)
    over = amends("away", "supervisor@example.test", "--until", "2001-01-01", code=2).stderr
    assert (
        over == "--from and --until: It would end before it begins. Give a time in the future that lies after --from.\n"
    )
    amends("away", "nobody@example.test", "--until", until, code=2)
    assert Absence.objects.count() == 1
