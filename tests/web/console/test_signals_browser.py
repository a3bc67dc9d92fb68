"""A table of signals, uploaded in a real browser, by mouse on a desk and by thumb on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [("en", "light", "desktop"), ("zh-hans", "dark", "phone")]
TABLE = (
    "Event ID,Event type,Flight,Timestamp,Station,Gate,Promised for\n"
    + "".join(
        f"{n},flight.departed,XX {n},2013-01-01 {n % 5:02}:05,XX-JFK,B{n},2013-01-01 06:00\n" for n in range(1, 8)
    )
    + "8,flight.departed,XX 8,soon,XX-JFK,B8,2013-01-01 06:00\n"
    + "9,flight.departed,XX 9,2013-01-01 04:00,NOWHERE,B9,2013-01-01 06:00\n"
)


@pytest.fixture
def airline(transactional_db: None) -> World:
    from amends.monitor.models import IntakeFile, ParkedMessage, SourceClock
    from amends.people.models import Staff
    from tests.web.console import world
    from tests.web.console.world import NOW

    made = world.airline()
    Staff.objects.filter(pk=made.staff["quality_owner"].pk).update(unit=None)
    made.staff["quality_owner"].unit = None
    given = {"heard_at": NOW, "hour": NOW, "signals": 30}
    SourceClock.objects.create(source="gate-readers", refused=2, furthest=timedelta(minutes=9), **given)
    SourceClock.objects.create(source="tower", least=timedelta(hours=3), most=timedelta(hours=4), **given)
    SourceClock.objects.create(source="desk", least=timedelta(seconds=1), most=timedelta(seconds=4), **given)
    folder = {"way": "folder", "mark": "1", "size": 9, "came_at": NOW}
    IntakeFile.objects.create(name="night.csv", state="finished", accepted=1200, **folder)
    ParkedMessage.objects.create(
        topic="operations", partition=1, offset=7, size=3, said_en="it is no JSON", said_zh="不是 JSON", parked_at=NOW
    )
    return made


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_a_table_is_uploaded_looked_over_and_taken_in(
    look: tuple[str, str, str], visit: Callable[..., Visitor], airline: World, tmp_path: Path
) -> None:
    from amends.monitor.models import IntakeFile, Signal
    from amends.monitor.services.uploads import take_upload
    from amends.policy.present import present

    language, theme, size = look
    chinese = language.startswith("zh")
    visitor = visit("quality_owner", language=language, theme=theme, size=size, contrast=True)
    table = tmp_path / "signals.csv"
    table.write_text(TABLE)
    page = visitor.open("/signals/")
    visitor.photograph("signals")
    page.get_by_role("link", name="上传表格" if chinese else "Upload a table").click()
    page.locator("#file").wait_for()
    visitor.look_over("the form of an upload")
    visitor.photograph("signals-upload")
    page.set_input_files("#file", str(table))
    page.get_by_role("button", name="预览" if chinese else "Look it over").click()
    page.locator("#preview").wait_for()
    visitor.look_over("the preview")
    visitor.photograph("signals-preview")
    page.locator("select[name=column-5]").select_option("")
    page.get_by_role("button", name="重新预览" if chinese else "See the first rows anew").click()
    page.wait_for_function("document.querySelector('select[name=column-5]').value === ''")
    page.locator("button[name=begin]").click()
    page.locator("progress").wait_for()
    visitor.look_over("an upload that runs")
    assert take_upload(IntakeFile.objects.get(way="upload").pk, now_of=present) is None
    page.locator("#refused").wait_for()  # the page asks for itself anew
    visitor.look_over("what was refused")
    visitor.photograph("signals-refused")
    assert Signal.objects.filter(subject__startswith="XX ").count() == 7
    visitor.leave()
