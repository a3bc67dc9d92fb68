"""What the case page shows of the desk: hands, ties, duplicates, who else is looking, and words that were kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.people.core.rights import may
from amends.people.models import Staff, Unit
from amends.recover import services
from amends.recover.core.action import ACTION
from amends.recover.core.undoing import UNDO_FOR
from amends.recover.models import Action, Case, TrailEntry, UndoStep
from amends.recover.selectors import duplicates_of, survivor_of, ties_of
from amends.recover.selectors.desk import Desk, handed_to, looked_at
from amends.recover.selectors.staffing import colleagues_for, teams_reaching
from amends.recover.services.presence import THERE_FOR
from amends.web.console.act_words import DONE
from amends.web.console.desk_forms import Assign, HandOver, Link, Merge, Split
from amends.web.console.frame import now_of

KEPT: Final = "kept_words"  # in the session
LONGEST_KEPT: Final = 20_000
MOST_UNITS: Final = 60

SIGN: Final[Mapping[str, str | Promise]] = {
    "subject": _("same subject"),
    "kind": _("same kind of failure"),
    "words": _("much the same words"),
    "time": _("within three days"),
}
LINK_KINDS: Final = (
    ("related", _("is related to")),
    ("duplicate_of", _("is a duplicate of")),
    ("caused_by", _("was caused by")),
)


def _hand_over(pk: int, *, to: Mapping[str, int], **given: Any) -> object:
    return services.hand_over(pk, **to, **given)


def _assign(pk: int, *, to_staff: int | None, note: str, **given: Any) -> object:
    if to_staff is None:
        return services.assign_by_rules(pk, **given)
    return services.assign_case(pk, to_staff=to_staff, note=note, **given)


ON_CASE: Final = {
    "merge": (Merge, services.merge_cases, _("The cases are one now.")),
    "split": (Split, services.split_case, _("The case is split; the new one is among its links.")),
    "link": (Link, services.link_cases, _("The cases are linked.")),
    "hand_over": (HandOver, _hand_over, _("Handed over, with your note.")),
    "assign": (Assign, _assign, _("The case has somebody now.")),
}
"""The desk's acts on one case, beside those of the case itself."""


def for_panel(staff: Staff, case: Case, actions: list[Action]) -> dict[str, Any]:
    """What the panel of acts needs to pass a case on, link, merge or split it; nothing if this person may not."""
    if not may(staff.role, "work_cases") or not case.is_open:
        return {}
    return {
        "link_kinds": LINK_KINDS,
        "leads": may(staff.role, "work_teams"),
        "open_actions": [action for action in actions if action.state not in ACTION.final],
    }


def gone_on(case: Case) -> int | None:
    """The case in which a merged one goes on."""
    return survivor_of(case.pk) if case.state == "merged" else None


def of_case(request: HttpRequest, staff: Staff, case: Case, desk: Desk) -> dict[str, Any]:
    """All that the whole page shows of the desk; later it asks by itself who else is looking."""
    works, now = may(staff.role, "work_cases"), now_of(request)
    return {
        "others": looked_at(case.pk, but=staff, since=now - THERE_FOR),
        "ties": ties_of(staff, case, desk.links),
        "duplicates": [
            (one.case, [SIGN[sign] for sign in one.like.signs]) for one in (duplicates_of(staff, case) if works else [])
        ],
        "handed": handed_to(staff, case, desk),
        "goes_on_in": gone_on(case),
        "kept": kept_words(request, case),
        "still": still_undoable(staff, case, now=now) if works else None,
    }


def still_undoable(staff: Staff, case: Case, *, now: datetime) -> tuple[UndoStep, datetime] | None:
    """What this person did last in this case, and until when it can be undone, wherever they have been since."""
    own = UndoStep.objects.filter(by=staff, at__gt=now - UNDO_FOR, case=case, version=case.version, undone_at=None)
    step = own.order_by("-at", "-pk").first()
    return None if step is None else (step, step.at + UNDO_FOR)


def receivers(staff: Staff, case: Case, *, now: datetime) -> dict[str, Any]:
    """Whom a case could go to; asked for once somebody wants to pass it on."""
    return {
        "colleagues": colleagues_for(staff, case, at=now),
        "teams": list(teams_reaching(case.unit_id)[:50]),
        "other_units": list(Unit.objects.exclude(pk=case.unit_id).order_by("path")[:MOST_UNITS]),
        "leads": may(staff.role, "work_teams"),
    }


def last_step(staff: Staff, *, now: datetime) -> UndoStep | None:
    """The act that this person did in this very request, if it can be undone."""
    return UndoStep.objects.filter(by=staff, at=now, undone_at=None).order_by("-at", "-pk").first()


def keep_words(request: HttpRequest, url: str, case_id: int, *, late: bool) -> bool:
    """Keep what somebody typed whose form came too late or could not be done as it was; whether there was anything."""
    skipped = {"csrfmiddlewaretoken", "version", "next"}
    fields = {name: request.POST[name][:LONGEST_KEPT] for name in request.POST if name not in skipped}
    typed = any(value.strip() for name, value in fields.items() if name in TYPED)
    if typed:
        request.session[KEPT] = {"case": case_id, "url": url, "fields": fields, "late": late}
    return typed


def kept_words(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What was kept for this case; shown once, then only where the person puts it."""
    kept = request.session.get(KEPT)
    if not kept or kept.get("case") != case.pk:
        return None
    del request.session[KEPT]
    hidden = {name: value for name, value in kept["fields"].items() if name not in TYPED}
    shown = [(name, TYPED[name], value) for name, value in kept["fields"].items() if name in TYPED]
    adds = kept["url"] == reverse("console:case_act", args=[case.pk, "add"])
    return {"url": kept["url"], "hidden": hidden.items(), "shown": shown, "late": kept.get("late", True)} | {
        "new_action": kept["fields"] if adds else None  # its form shows it in its own place
    }


TYPED: Final[Mapping[str, str | Promise]] = {
    "note": _("Note"),
    "subject": _("Subject"),
    "body": _("Words"),
    "words": _("In the customer's words"),
    "reason": _("Why"),
    "amount": _("Sum"),
    "promised": _("What was promised"),
    "expected": _("What the customer expected"),
    "perceived": _("What they got, as they see it"),
    "needed": _("What we need from them; they get it as a message"),
    "asked": _("What they ask for"),
    "reference": _("Number"),
    "supplier": _("Which supplier, if it was one"),
}


def changed_by(case: Case, staff: Staff) -> tuple[str, str | Promise] | None:
    """Who changed the case last, and what they did; None if it was this person or nobody that one could name."""
    last = TrailEntry.objects.filter(case=case).order_by("-number").values_list("actor", "act").first()
    if last is None or last[0] == f"staff:{staff.pk}":
        return None
    who, act = last
    did = DONE.get(act, _("changed it"))
    if who.startswith("staff:"):
        name = Staff.objects.filter(pk=int(who.removeprefix("staff:"))).values_list("name", flat=True).first()
        return (name or "", did)
    return (case.customer.name if who.startswith("customer:") else str(_("The system")), did)
