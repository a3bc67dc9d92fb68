"""The editor of standards and the pages of back-tests, from the first change to the version in force."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from amends.monitor.drafting import in_force
from amends.monitor.models import Backtest, HistoryProgress
from amends.monitor.recorded import root_of
from amends.monitor.services.recording import land_all
from amends.monitor.services.trying import carry_on
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import deployment
from tests.web.console.drafts import a_backtest, text_of
from tests.web.console.world import NOW, World

As = Callable[..., Client]
STANDARD = "depart-on-time"


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.HISTORY_PATH, settings.BACKTESTS_PATH = tmp_path / "history", tmp_path / "backtests"


def at(name: str, *args: object) -> str:
    return reverse(f"console:{name}", args=args)


def page(client: Client, name: str, *args: object, **query: Any) -> str:
    answer = client.get(at(name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, name: str, text: str, **more: Any) -> Any:
    return client.post(at(name, STANDARD), {"text": text, "base": in_force().version.number, **more})


def record() -> None:
    land_all(root=root_of(deployment()), now=NOW)


def carry_through(number: int) -> None:
    while carry_on(number, root=root_of(deployment()), work=Path(settings.BACKTESTS_PATH), now=NOW):
        pass


def test_the_editor_holds_what_is_in_force(world: World, as_: As) -> None:
    for role in ("quality_owner", "administrator"):
        said = page(as_(role), "standard_edit", STANDARD)
        for wanted in ("Departs on time", "id: depart-on-time", "at: data.depart_due", "This is what is in force."):
            assert wanted in said, wanted
    chinese = page(as_("quality_owner", "zh-hans"), "standard_edit", STANDARD)
    for wanted in ("准点起飞", "服务标准（YAML）", "与现行版本相同", "用历史回测"):
        assert wanted in chinese, wanted


def test_what_is_wrong_names_line_and_field_in_both_languages(world: World, as_: As) -> None:
    text = text_of().replace("PT15M", "a while", 1).replace("failure: slow", "failure: slo\nwhenever: 3")
    for language, wanted in (
        ("en", ("Line 11", "due.plus", "“a while” is no duration", "Line 15", "whenever", "is no field here")),
        ("zh-hans", ("第 11 行", "due.plus", "“a while”不是时长", "第 15 行", "此处没有这个字段")),
    ):
        client = as_("quality_owner", language)
        for answer in (send(client, "standard_check", text), send(client, "standard_publish", text, why="x")):
            said = answer.content.decode()
            assert [words for words in wanted if words not in said] == []
    assert answer.status_code == 422
    assert "whenever: 3" in said, "what was typed is still there"
    said = send(as_("administrator"), "standard_check", text_of(failure="slo")).content.decode()
    assert "there is no kind of failure slo" in said


@pytest.mark.parametrize(
    "text", ["", "[", "- 1", "x" * 30_000, "id: [1]", "a: &a [*a]", "id: x\nid: x", "\0", "name: 3"]
)
def test_no_text_breaks_the_editor(world: World, as_: As, text: str) -> None:
    client = as_("quality_owner")
    assert "Sound" not in send(client, "standard_check", text).content.decode()
    assert send(client, "standard_publish", text).status_code == 422
    assert client.post(at("standard_check", "new"), {"text": text}).status_code == 200
    assert client.post(at("standard_publish", "new"), {"text": text}).status_code == 422


def test_a_change_is_shown_line_by_line(world: World, as_: As) -> None:
    said = send(as_("quality_owner"), "standard_check", text_of(warn="PT20M")).content.decode()
    assert '<tr class="went"><td><span aria-hidden="true">−</span>' in said
    assert "<code>warn: PT20M</code>" in said
    assert "Not tried on history yet." in said


def test_from_a_draft_by_way_of_a_back_test_into_force(world: World, as_: As) -> None:
    client = as_("quality_owner")
    record()
    draft = text_of(due={"at": "data.depart_due", "plus": "PT1M"})
    days = {"since": "2026-03-01", "until": "2026-03-02"}
    number = Backtest.objects.count()
    answer = send(client, "standard_backtest", draft, **days)
    run = Backtest.objects.latest("pk")
    assert answer["Location"] == at("backtest", run.pk)
    assert Backtest.objects.count() == number + 1
    assert run.since.isoformat() == "2026-03-01T05:00:00+00:00", "a day is one of the deployment, here New York's"
    said = page(client, "backtest", run.pk)
    assert "Running" in said
    assert 'hx-trigger="every 1s"' in said
    carry_through(run.pk)
    said = page(client, "backtest", run.pk)
    for wanted in ("Finished", "What would be different", "Departs on time", "Go on with this draft"):
        assert wanted in said, wanted
    assert "every 1s" not in said
    said = page(client, "standard_edit", STANDARD, backtest=run.pk)
    assert "plus: PT1M" in said
    assert f"This very draft was tried: back-test {run.pk}." in said
    answer = send(client, "standard_publish", draft, why="Sooner is kinder")
    assert answer["Location"] == at("standard_versions", STANDARD)
    said = page(client, "standard_versions", STANDARD)
    for wanted in ("Version 2", "Sooner is kinder", "Ingrid Olsen", "in force", "Return to this version", "PT1M"):
        assert wanted in said, wanted
    assert "no longer counts" in page(client, "backtest", run.pk)
    assert "plus: PT15M" in page(client, "standard_edit", STANDARD, version=1)


def test_publishing_without_a_back_test_asks_why(world: World, as_: As) -> None:
    client = as_("administrator")
    answer = send(client, "standard_publish", text_of(warn="PT20M"), why="More warning")
    assert answer.status_code == 422
    assert "was not tried on history" in answer.content.decode()
    assert "More warning" in answer.content.decode()
    assert BlueprintVersion.objects.count() == 1
    answer = send(client, "standard_publish", text_of(warn="PT20M"), why="More warning", untried="No signals yet")
    assert answer.status_code == 302
    assert "No signals yet" in BlueprintVersion.objects.get(number=2).note


def test_whoever_was_slower_keeps_what_they_typed_and_sees_what_changed(world: World, as_: As) -> None:
    client = as_("quality_owner")
    send(client, "standard_publish", text_of(gives_up="PT9H"), why="x", untried="x")
    answer = client.post(
        at("standard_publish", STANDARD), {"text": text_of(warn="PT25M"), "base": 1, "why": "y", "untried": "y"}
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody published another version" in said
    assert "warn: PT25M" in said
    assert 'name="base" value="2"' in said


def test_a_new_standard_and_one_that_is_withdrawn(world: World, as_: As) -> None:
    client = as_("quality_owner")
    assert "A new standard" in page(client, "standard_edit", "new")
    text = "id: bags-in-time\nname: {en: Bags in time, zh: 行李准时}\nforbids: {type: bag.late}\nfailure: slow\n"
    answer = client.post(at("standard_publish", "new"), {"text": text, "base": 1, "why": "x", "untried": "x"})
    assert answer["Location"] == at("standard_versions", "bags-in-time")
    assert client.post(at("standard_withdraw", "bags-in-time"), {"base": 2, "why": ""}).status_code == 422
    answer = client.post(at("standard_withdraw", "bags-in-time"), {"base": 2, "why": "It was no good"})
    assert answer.status_code == 302
    said = page(client, "standard_versions", "bags-in-time")
    assert "withdrawn" in said
    assert "Bring it back" in said
    assert "Bags in time" in page(client, "standard_edit", "bags-in-time")
    assert client.get(at("standard_edit", "never-was")).status_code == 404
    assert client.get(at("standard_versions", "never-was")).status_code == 404


def test_a_back_test_is_stopped_and_goes_on(world: World, as_: As) -> None:
    run = a_backtest(world.staff["administrator"])
    client = as_("quality_owner")
    client.post(at("backtest_act", run.pk, "cancel"))
    said = page(client, "backtest", run.pk)
    assert "Stopped" in said
    assert "50 %" in said
    client.post(at("backtest_act", run.pk, "cancel"))
    assert "can&#x27;t be done now" in page(client, "backtest", run.pk)
    client.post(at("backtest_act", run.pk, "resume"))
    assert "Running" in page(client, "backtest", run.pk)
    assert client.post(at("backtest_act", run.pk, "explode")).status_code == 404
    assert "Alex Reyes" in page(client, "backtests")


def test_no_days_and_days_without_signals_are_told(world: World, as_: As) -> None:
    client = as_("quality_owner")
    draft = text_of(warn="PT20M")
    said = send(client, "standard_backtest", draft).content.decode()
    assert "Choose the first and the last day." in said
    said = send(client, "standard_backtest", draft, since="2020-01-01", until="2020-01-02").content.decode()
    assert "There are no signals on record in that span." in said
    assert "warn: PT20M" in said


def test_the_list_says_what_is_on_record_and_what_is_wrong_with_it(world: World, as_: As) -> None:
    client = as_("quality_owner")
    assert "No signals are on record yet" in page(client, "backtests")
    assert "Nothing was tried yet" in page(client, "backtests")
    record()
    assert "No signals are on record yet" not in page(client, "backtests")
    HistoryProgress.objects.update(trouble="ENOSPC", troubled_at=NOW - timedelta(hours=1))
    assert "no room left" in page(client, "backtests")
    assert "磁盘已满" in page(as_("quality_owner", "zh-hans"), "backtests")


def test_others_are_told_that_it_is_not_for_them(world: World, as_: As) -> None:
    for role in ("front_line", "supervisor", "manager", "executive"):
        assert as_(role).get(at("standard_edit", STANDARD)).status_code == 403
        assert send(as_(role), "standard_publish", text_of(warn="PT20M"), why="x", untried="x").status_code == 403
    assert "Version 1" in page(as_("executive"), "standard_versions", STANDARD)
    assert "Return to this version" not in page(as_("executive"), "standard_versions", STANDARD)
    assert BlueprintVersion.objects.count() == 1
