"""Signals coming in: whose clocks are off, the files that came, and tables that people upload, map and take in."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.cells import harmless
from amends.kernel.lifecycle import IllegalMove
from amends.monitor.core.columns import ATTRIBUTES, FURTHER, Columns, further
from amends.monitor.core.intake import INTAKE_FILE, LARGEST_UPLOAD, MOST_KEPT
from amends.monitor.core.local_time import ORDERS
from amends.monitor.models import IntakeFile, RejectedRow
from amends.monitor.selectors import access_upload, backlog, clocks_for, folder_files_for, parked_for, uploads_for
from amends.monitor.services.uploads import (
    Judged,
    NotTakenIn,
    columns_of,
    keep_upload,
    move_upload,
    preview_of,
    settle_columns,
)
from amends.people.keyset import page_of
from amends.policy.selectors import blueprint_of, version_in_force
from amends.web.console.asked import cursor
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.zones import PLACES_ZH, place_of

NAMES: Final[dict[str, str | Promise]] = {
    "id": gettext_lazy("Id"),
    "source": gettext_lazy("Source"),
    "type": gettext_lazy("Type"),
    "subject": gettext_lazy("Subject of the service"),
    "time": gettext_lazy("Time"),
    "customer": gettext_lazy("Customer"),
    "unit": gettext_lazy("Unit"),
    "data": gettext_lazy("Data, as JSON"),
}
CONSTANTS: Final = ("type", "source", "unit")  # attributes that often are the same in a whole table
LONGEST: Final = 200
A_TIME: Final = "time:"  # before an attribute of the data, in the form


@require_safe
@staff_page("feed")
def inbox(request: HttpRequest) -> HttpResponse:
    """What comes in and by which way, with what somebody should see to."""
    staff, now = staff_of(request), now_of(request)
    lateness = _lateness(request)
    context = {
        "clocks": clocks_for(staff, lateness=lateness, now=now),
        "lateness": lateness,
        "backlog": backlog(),
        "page": uploads_for(staff, after=cursor(request)),
        "folder_files": folder_files_for(staff),
        "parked": parked_for(staff),
        "whole_company": staff.unit_id is None,
        "now": now,
    }
    return render(request, "console/signals.html", context)


@staff_page("feed")
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a table, or send it."""
    zone = _zone(request.POST.get("zone", "")) or frame_of(request).deployment.timezone
    wrong = ""
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            wrong = _("Please choose a file first.")
        else:
            try:
                file = keep_upload(
                    sent.chunks(),
                    name=sent.name or "",
                    zone=zone,
                    acting_user=staff_of(request),
                    now=now_of(request),
                )
            except NotTakenIn as refusal:
                wrong = refusal.said.in_(language())
            else:
                _say_if_known(request, file)
                return redirect("console:upload", file.pk)
    context = {"wrong": wrong, "zones": _zones(zone), "zone": zone, "largest": LARGEST_UPLOAD}
    return render(request, "console/signals_upload.html", context, status=422 if wrong else 200)


@require_safe
@staff_page("feed")
def page(request: HttpRequest, file_id: int) -> HttpResponse:
    """One upload: its columns and first rows, then its progress, then what was refused."""
    staff = staff_of(request)
    file = access_upload(staff, file_id)
    return _shown(request, file, whole=not asks_for_part(request, "intake"))


@require_POST
@staff_page("feed")
def columns(request: HttpRequest, file_id: int) -> HttpResponse:
    """Say what the columns tell; then see the first rows anew, or take it in at once."""
    staff, now = staff_of(request), now_of(request)
    file = access_upload(staff, file_id)
    try:
        settled = settle_columns(file.pk, _chosen(request, file), acting_user=staff)
        if "begin" in request.POST:
            move_upload(settled.pk, "begin", acting_user=staff, now=now)
    except (NotTakenIn, IllegalMove) as refusal:
        _complain(request, refusal)
    return redirect("console:upload", file.pk)


@require_POST
@staff_page("feed")
def act(request: HttpRequest, file_id: int, act: str) -> HttpResponse:
    """Cancel it, let it go on, or throw it away."""
    staff, now = staff_of(request), now_of(request)
    file = access_upload(staff, file_id)
    if act not in {"begin", "cancel", "resume", "drop"}:
        raise Http404
    try:
        file = move_upload(file.pk, act, acting_user=staff, now=now)
    except (NotTakenIn, IllegalMove) as refusal:
        _complain(request, refusal)
    if file.state == "dropped":
        messages.success(request, _("The upload is thrown away; what was taken in stays."))
        return redirect("console:signals")
    return redirect("console:upload", file.pk)


@require_safe
@staff_page("feed")
def rejected(request: HttpRequest, file_id: int) -> StreamingHttpResponse:
    """The rows that were refused, with their reasons, as a table to mend and send again."""
    file = access_upload(staff_of(request), file_id)
    answer = StreamingHttpResponse(_lines(file, language()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{file.pk}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _shown(request: HttpRequest, file: IntakeFile, *, whole: bool) -> HttpResponse:
    staff, now = staff_of(request), now_of(request)
    settled = columns_of(file)
    rows = RejectedRow.objects.filter(file=file)
    context: dict[str, Any] = {
        "file": file,
        "label": INTAKE_FILE.state_labels[file.state],
        "moves": INTAKE_FILE.moves_from(file.state),
        "zone_name": place_of(settled.zone, language()),
        "rejected_page": page_of(rows, order=("row", "id"), after=cursor(request), limit=100),
        "most_kept": MOST_KEPT,
        "now": now,
    }
    if file.state == INTAKE_FILE.initial:
        faults = settled.faults()
        judged = preview_of(file, staff, now=now)
        context |= {
            "columns": _rows_of_columns(file, settled, judged),
            "constants": [(name, NAMES[name], settled.constants.get(name, "")) for name in CONSTANTS],
            "zones": _zones(settled.zone),
            "zone": settled.zone,
            "orders": ORDERS,
            "order": settled.order,
            "faults": [NAMES.get(name, name) for name in faults],
            "preview": judged,
            "good": sum(one.fault is None for one in judged),
        }
    return render(request, "console/signals_file.html" if whole else "parts/signals/file.html", context)


def _rows_of_columns(file: IntakeFile, settled: Columns, judged: list[Judged]) -> list[dict[str, Any]]:
    """Each column with what it may be taken as."""
    rows = []
    whole = [one.row.cells for one in judged if len(one.row.cells) == len(settled.targets)]
    for place, (name, target) in enumerate(zip(file.given["header"], settled.targets, strict=True)):
        own = further(name) or f"{FURTHER}column_{place + 1}"
        rows.append(
            {
                "place": place,
                "name": name,
                "samples": list(dict.fromkeys(cells[place] for cells in whole if cells[place].strip()))[:3],
                "target": target,
                "own": target if target.startswith(FURTHER) else own,
                "own_name": (target if target.startswith(FURTHER) else own).removeprefix(FURTHER),
                "is_time": target in settled.times,
                "choices": [(attribute, NAMES[attribute]) for attribute in ATTRIBUTES],
            }
        )
    return rows


def _chosen(request: HttpRequest, file: IntakeFile) -> Columns:
    """What the form says of the columns; what it can't have said becomes nothing."""
    header, before = file.given["header"], columns_of(file)
    targets, times = [], set()
    for place, name in enumerate(header):
        target = request.POST.get(f"column-{place}", "")[:LONGEST]
        is_time = target.startswith(A_TIME)
        target = target.removeprefix(A_TIME)
        if target.startswith(FURTHER):
            named = request.POST.get(f"named-{place}", "")[:LONGEST]
            target = further(named) or further(target) or further(name)
            if is_time:
                times.add(target)
        targets.append(target)
    constants = {}
    for name in CONSTANTS:
        value = request.POST.get(f"constant-{name}", "").replace("\0", "").strip()[:LONGEST]
        if value and name not in targets:
            constants[name] = value
    order = request.POST.get("order", "")
    return Columns(
        targets=tuple(targets),
        times=frozenset(times),
        constants=constants,
        zone=_zone(request.POST.get("zone", "")) or before.zone,
        order=next((one for one in ORDERS if one == order), before.order),
    )


def _lines(file: IntakeFile, language: str) -> Iterator[bytes]:
    table = csv.writer(_Echo())
    head = ["行", "原因"] if language == "zh" else ["row", "reason"]
    yield b"\xef\xbb\xbf"  # so that spreadsheets read it as UTF-8
    yield table.writerow([*head, *map(harmless, file.given["header"])])
    rows = RejectedRow.objects.filter(file=file).order_by("row")
    for row in rows.iterator(chunk_size=2_000):
        said = row.said_zh if language == "zh" else row.said_en
        yield table.writerow([row.row, harmless(said), *map(harmless, row.cells)])


class _Echo:
    """What csv writes into, to get each line back."""

    def write(self, line: str) -> bytes:
        return line.encode()


def _say_if_known(request: HttpRequest, file: IntakeFile) -> None:
    same = IntakeFile.objects.filter(way=IntakeFile.Way.UPLOAD, mark=file.mark, by=file.by, state="finished")
    if same.exists():
        messages.info(
            request,
            _("You took in this very file before. Rows that are there already are counted and not taken twice."),
        )


def _complain(request: HttpRequest, refusal: NotTakenIn | IllegalMove) -> None:
    said = refusal.said.in_(language()) if isinstance(refusal, NotTakenIn) else in_words(refusal)
    messages.error(request, said)


def _lateness(request: HttpRequest) -> timedelta:
    name = frame_of(request).deployment.blueprint_name
    return blueprint_of(version_in_force(name).pk).lateness


def _zone(name: str) -> str:
    """The zone of that name if there is one."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _zones(chosen: str) -> list[tuple[str, str]]:
    """The zones to choose from, by their places; the chosen one is always among them."""
    names = {*PLACES_ZH, chosen}
    return sorted(((name, place_of(name, language())) for name in names), key=lambda one: one[1])
