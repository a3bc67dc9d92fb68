"""While somebody writes: drafts kept, canned replies filled in, the letter shown as its customer will read it, and
colleagues named."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.text import language_of
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.recover.core.canned import NotFilled
from amends.recover.core.draft import FORMS
from amends.recover.models import Case
from amends.recover.selectors import access_case, access_reply, people_to_name, reply_facts, written
from amends.recover.services import discard_draft, save_draft
from amends.web.console import case_file
from amends.web.console.asked import row_id, text
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import in_words
from amends.web.console.views.preferences import back_to


@require_POST
@staff_page("work_cases")
def draft(request: HttpRequest, case_id: int, form: str) -> HttpResponse:
    """Keep what was typed so far."""
    if form not in FORMS:
        raise Http404
    seen = request.POST.get("seen", "")
    saved = save_draft(
        case_id,
        form=form,
        content={name: request.POST.get(name, "") for name in FORMS[form]},
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
        acting_user=staff_of(request),
        now=now_of(request),
    )
    context = {"draft": saved.draft, "over_another": saved.over_another, "form": form, "case_id": case_id}
    return render(request, "parts/case/draft.html", context)


@require_POST
@staff_page("work_cases")
def forget(request: HttpRequest, case_id: int, form: str) -> HttpResponse:
    """Discard a draft."""
    if form not in FORMS:
        raise Http404
    case = access_case(staff_of(request), case_id)
    discard_draft(case.pk, form=form, acting_user=staff_of(request))
    return _back(request, case)


@require_safe
@staff_page("work_cases")
def letter(request: HttpRequest, case_id: int) -> HttpResponse:
    """The fields of a message, filled with a canned reply."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    context = {"case": case, **letter_context(request, staff, case)}
    return render(request, "parts/now/letter.html", context)


def letter_context(request: HttpRequest, staff: Staff, case: Case) -> dict[str, Any]:
    """The message that a chosen reply makes, or why it makes none; without a choice, nothing."""
    chosen = row_id(request, "reply")
    if chosen is None:
        return {}
    typed = {name: text(request, name, most=20_000) for name in ("subject", "body")}
    try:
        made = written(access_reply(staff, chosen), reply_facts(staff, case), case.customer.locale)
    except (NotFilled, NotFound) as refusal:
        return {"letter": typed, "letter_error": in_words(refusal), "writing": True}
    body = f"{typed['body']}\n\n{made.body}" if typed["body"] and typed["body"] != made.body else made.body
    return {"letter": {"subject": typed["subject"] or made.subject, "body": body}, "writing": True}


@require_POST
@staff_page("work_cases")
def preview(request: HttpRequest, case_id: int) -> HttpResponse:
    """The message as its customer will read it; nothing is sent. On a page of its own without the script."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    context = {
        "case": case,
        "subject": request.POST.get("subject", "")[:300],
        "body": request.POST.get("body", "").replace("\r\n", "\n")[:20_000],
        "lang": "zh" if language_of(case.customer.locale) == "zh" else "en",
    }
    if asks_for_part(request):
        return render(request, "parts/now/letter_preview.html", context)
    save_draft(
        case_id,
        form="message",
        content={"subject": context["subject"], "body": context["body"]},
        seen=0,
        acting_user=staff,
        now=now_of(request),
    )
    return render(request, "console/letter_preview.html", context)


@require_safe
@staff_page("work_cases")
def colleagues(request: HttpRequest, case_id: int) -> HttpResponse:
    """Whom one may name in a note, as options to choose from."""
    found = people_to_name(staff_of(request), case_id, begins=text(request, most=100))
    names = [one.name for one in found]
    options = [(one, one.email if names.count(one.name) > 1 else one.name) for one in found]
    return render(request, "parts/case/colleagues.html", {"options": options})


def _back(request: HttpRequest, case: Case) -> HttpResponse:
    staff = staff_of(request)
    if asks_for_part(request, "beside"):
        return render(
            request,
            "console/case_beside.html",
            case_file.beside(staff, case, place=frame_of(request).deployment, now=now_of(request)),
        )
    return redirect(back_to(request, f"/cases/{case.pk}/"))
