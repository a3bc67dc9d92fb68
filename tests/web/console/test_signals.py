"""Signals on the console: a table is uploaded, looked over, taken in, cancelled, gone on with; what is off is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

if TYPE_CHECKING:
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db
As = Callable[..., Client]
GOOD = "Event ID,Event,Flight,Time,Station\n1,flight.departed,F1,2013-01-01 05:00,XX-JFK\n"
BAD = "2,flight.departed,=1+1,soon,XX-JFK\n"


def send(client: Client, data: str | bytes, name: str = "signals.csv", **more: str) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post("/signals/upload/", {"file": SimpleUploadedFile(name, content), "zone": "UTC", **more})


def sent(client: Client, data: str | bytes) -> str:
    answer = send(client, data)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def work() -> None:
    from amends.monitor.models import IntakeFile
    from amends.monitor.services.uploads import take_upload
    from amends.policy.present import present

    for file in IntakeFile.objects.filter(state="running"):
        while take_upload(file.pk, now_of=present) is not None:
            pass


def settled(place: str, client: Client, **more: str) -> Any:
    chosen = {f"column-{n}": name for n, name in enumerate(("id", "type", "subject", "time", "unit"))}
    return client.post(f"{place}columns/", {**chosen, "zone": "UTC", "order": "month_first", **more})


def test_a_table_is_looked_over_and_then_taken_in(as_: As) -> None:
    from amends.monitor.models import Signal

    client = as_("quality_owner")
    place = sent(client, GOOD + BAD)
    page = client.get(place).content.decode()
    assert "1 of the first 2 would be taken in." in page
    assert "time cannot be read: soon" in page
    assert not Signal.objects.filter(source="file").exists()
    assert settled(place, client, begin="1")["Location"] == place
    assert "Being taken in" in client.get(place).content.decode()
    work()
    page = client.get(place).content.decode()
    assert "1 accepted" in page
    assert "1 refused" in page
    assert Signal.objects.get(source="file").subject == "F1"


def test_in_chinese_it_says_so_in_chinese(as_: As) -> None:
    client = as_("administrator", "zh-hans")
    page = client.get(sent(client, GOOD + BAD)).content.decode()
    assert "前 2 行中有 1 行会被导入。" in page
    assert "无法识别的时间：soon" in page
    assert "上传表格" in client.get("/signals/").content.decode()


def test_the_refused_rows_are_saved_as_a_table_that_no_spreadsheet_reckons_with(as_: As) -> None:
    client = as_("quality_owner")
    place = sent(client, GOOD + BAD)
    settled(place, client, begin="1")
    work()
    answer = client.get(f"{place}rejected.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    table = b"".join(answer).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(table))
    assert head == ["row", "reason", "Event ID", "Event", "Flight", "Time", "Station"]
    assert row == ["2", "time cannot be read: soon", "2", "flight.departed", "'=1+1", "soon", "XX-JFK"]


def test_columns_are_chosen_anew_and_what_is_lacking_is_named(as_: As) -> None:
    client = as_("quality_owner")
    place = sent(client, "a,b,c\nF1,2013-01-01 05:00,B7\n")
    page = client.get(place).content.decode()
    assert "Still to be settled:" in page
    assert 'name="begin"' not in page
    chosen = {"column-0": "subject", "column-1": "time", "column-2": "data.c", "constant-type": "flight.departed"}
    chosen["constant-unit"] = "XX-JFK"
    client.post(f"{place}columns/", {**chosen, "zone": "America/New_York", "order": "day_first"})
    page = client.get(place).content.decode()
    assert "1 of the first 1 would be taken in." in page
    assert "c B7" in page
    assert '<option value="America/New_York" selected>' in page


def test_a_column_is_taken_as_the_attribute_that_standards_know(as_: As) -> None:
    from amends.monitor.models import Signal

    client = as_("quality_owner")
    place = sent(client, "单号,时间,收费,报价\nB1,2013-01-01 05:00,120,100\n")
    chosen = {"column-0": "subject", "column-1": "time", "column-2": "data.收费", "column-3": "data.报价"}
    chosen |= {"named-2": " billed ", "named-3": "billed", "constant-type": "bill.issued", "zone": "UTC"}
    chosen["constant-unit"] = "XX-JFK"
    client.post(f"{place}columns/", chosen)
    assert "Still to be settled: data.billed" in " ".join(client.get(place).content.decode().split())
    client.post(f"{place}columns/", {**chosen, "named-3": "quoted", "begin": "1"})
    work()
    told = Signal.objects.get(source="file").data
    assert told == {"billed": "120", "quoted": "100"}


def test_what_nobody_offered_is_not_taken_for_a_column_or_a_zone(as_: As) -> None:
    from amends.monitor.models import IntakeFile

    client = as_("quality_owner")
    place = sent(client, GOOD)
    settled(place, client, **{"column-0": "state", "zone": "../../etc/passwd", "order": "sideways"})
    given = IntakeFile.objects.get().given
    assert (given["targets"][0], given["zone"], given["order"]) == ("id", "UTC", "month_first")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04....", b"\x89PNG\r\n", b"a,b\n"])
def test_a_wrong_file_is_refused_in_words_on_the_same_page(as_: As, data: bytes) -> None:
    answer = send(as_("quality_owner"), data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_without_a_file_the_page_asks_for_one(as_: As) -> None:
    answer = as_("quality_owner").post("/signals/upload/", {})
    assert answer.status_code == 422
    assert "Please choose a file first." in answer.content.decode()


def test_it_is_cancelled_gone_on_with_and_thrown_away(as_: As) -> None:
    from amends.monitor.models import IntakeFile, UploadPart

    client = as_("quality_owner")
    place = sent(client, GOOD)
    settled(place, client, begin="1")
    client.post(f"{place}cancel/")
    assert "Go on" in client.get(place).content.decode()
    client.post(f"{place}resume/")
    assert IntakeFile.objects.get().state == "running"
    client.post(f"{place}cancel/")
    assert client.post(f"{place}drop/")["Location"] == "/signals/"
    assert not UploadPart.objects.exists()
    again = client.post(f"{place}resume/", follow=True).content.decode()
    assert "can&#x27;t be done now" in again


def test_the_same_file_again_is_said_to_be_known(as_: As) -> None:
    client = as_("quality_owner")
    place = sent(client, GOOD)
    settled(place, client, begin="1")
    work()
    assert "this very file before" in client.get(sent(client, GOOD)).content.decode()


def test_a_running_one_asks_for_itself_anew(as_: As) -> None:
    client = as_("quality_owner")
    place = sent(client, GOOD)
    settled(place, client, begin="1")
    part = client.get(place, headers={"HX-Request": "true", "HX-Target": "intake"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert 'hx-trigger="every 2s"' in part


def test_clocks_that_are_off_files_and_parked_messages_are_shown_to_whoever_has_the_whole_company(
    as_: As, world: World
) -> None:
    from amends.monitor.models import IntakeFile, ParkedMessage, SourceClock
    from amends.people.models import Staff
    from tests.web.console.world import NOW

    given = {"heard_at": NOW, "hour": NOW, "signals": 30}
    SourceClock.objects.create(source="gate", refused=2, furthest=timedelta(minutes=9), **given)
    SourceClock.objects.create(source="tower", least=timedelta(hours=3), most=timedelta(hours=4), **given)
    SourceClock.objects.create(source="desk", least=timedelta(seconds=1), most=timedelta(seconds=4), **given)
    folder = {"way": "folder", "mark": "1", "size": 9, "came_at": NOW}
    IntakeFile.objects.create(name="night.csv", state="refused", said_en="it is empty", said_zh="空", **folder)
    ParkedMessage.objects.create(
        topic="ops", partition=1, offset=7, size=3, said_en="the message is no JSON", said_zh="不是", parked_at=NOW
    )
    Staff.objects.filter(pk=world.staff["quality_owner"].pk).update(unit=None)
    page = as_(Staff.objects.get(pk=world.staff["quality_owner"].pk)).get("/signals/").content.decode()
    for words in ("ahead by at least 9 min", "behind, or 3 h", "1.0 s – 4.0 s", "night.csv", "it is empty", "no JSON"):
        assert words in page, words
    of_a_unit = as_("manager").get("/signals/").content.decode()
    assert "night.csv" not in of_a_unit
    assert "gate" not in of_a_unit


def test_it_stands_in_the_bar_of_whoever_may_feed(as_: As) -> None:
    assert 'href="/signals/"' in as_("administrator").get("/held/").content.decode()
    assert 'href="/signals/"' not in as_("front_line").get("/incidents/").content.decode()
