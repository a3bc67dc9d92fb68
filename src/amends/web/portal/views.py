"""The customer's page and its forms. Looking changes nothing; a form sent twice counts once."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.channels.models import Message
from amends.people.selectors import NotFound
from amends.recover.core.attachment import NotTaken, kind_of, plain_name
from amends.recover.links import token_of
from amends.recover.models import Attachment, Case
from amends.recover.selectors import attachments_shared_with
from amends.recover.services import accept_case, attach_file, hear_affected, hear_customer, keep_written_complaint
from amends.web.console.case_work import ACCEPTED
from amends.web.console.frame import now_of
from amends.web.console.times import language
from amends.web.downloads import download
from amends.web.portal.affected import Hit
from amends.web.portal.case_page import case_page, letters_about_incident
from amends.web.portal.doors import refusal
from amends.web.portal.forms import Words, Yes
from amends.web.portal.frame import customer_page
from amends.web.uploads import MOST_AT_ONCE, bytes_of


@require_safe
@customer_page
def page(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """What happened, what we do, by when, what is given, and how to answer."""
    if isinstance(found, Hit) and found.case is not None:
        return _to_case(found.case)
    return _shown(request, found, token, Words())


@require_POST
@customer_page
def yes(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """It is made good."""
    form = Yes(request.POST)
    if isinstance(found, Case) and form.is_valid():
        rating: int | None = form.cleaned_data["rating"]
        accept_case(found.pk, satisfaction=rating, acting_user=found.customer, now=now_of(request))
    return redirect("portal:page", token)


@require_POST
@customer_page
def words(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """Words of the customer's own: what is not right yet, or what we do not know of."""
    form = Words(request.POST)
    if not form.is_valid():
        return _shown(request, found, token, form, status=HTTPStatus.BAD_REQUEST)
    files = [(upload.name or "", bytes_of(upload)) for upload in request.FILES.getlist("files")[:MOST_AT_ONCE]]
    if refused := _refused(files, len(request.FILES.getlist("files"))):
        form.add_error(None, refused)
        return _shown(request, found, token, form, status=HTTPStatus.BAD_REQUEST)
    given, now = form.cleaned_data["words"], now_of(request)
    if isinstance(found, Case):
        case = found
        hear_customer(case.pk, words=given, acting_user=found.customer, now=now)
    else:
        case = hear_affected(found.failure, words=given, acting_user=found.customer, now=now)
    if not _attach(case, files, now):
        messages.error(request, _("We have your words, but there is no more room for files with this case."))
    messages.success(request, _("Thank you. We have your words and are looking into them."))
    return _to_case(case)


@require_safe
@customer_page
def file(
    request: HttpRequest,
    found: Case | Hit,
    token: str,  # noqa: ARG001 -- the door has read it
    attachment_id: int,
) -> HttpResponseBase:
    """A file that this customer sent; those of our own people are not for this page."""
    sent = attachments_shared_with(found.customer, found) if isinstance(found, Case) else Attachment.objects.none()
    one = sent.filter(pk=attachment_id).first()
    try:
        return refusal(request, HTTPStatus.NOT_FOUND) if one is None else download(one)
    except NotFound:
        return refusal(request, HTTPStatus.NOT_FOUND)


def _refused(files: Sequence[tuple[str, bytes]], sent: int) -> str:
    """Why these files are not taken; before anything is written, so that the words are not sent without them."""
    if sent > MOST_AT_ONCE:
        return _("At most {count} files at once, please.").format(count=MOST_AT_ONCE)
    try:
        for name, data in files:
            kind_of(plain_name(name), data)
    except NotTaken as refused:
        return refused.why.in_(language())
    return ""


def _attach(case: Case, files: Sequence[tuple[str, bytes]], now: datetime) -> bool:
    """Whether all of the files found room with the words that they came with."""
    said = Message.objects.filter(thread=f"case:{case.pk}", direction=Message.Direction.IN).order_by("-id").first()
    try:
        for name, data in files:
            attach_file(case.pk, name=name, data=data, acting_user=case.customer, now=now, message=said)
    except NotTaken:
        return False
    return True


@require_POST
@customer_page
def complaint(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """The complaint in writing, where one is asked for."""
    form = Words(request.POST)
    if not isinstance(found, Case):
        return redirect("portal:page", token)
    if not form.is_valid():
        return _shown(request, found, token, form, status=HTTPStatus.BAD_REQUEST)
    keep_written_complaint(found.pk, words=form.cleaned_data["words"], acting_user=found.customer, now=now_of(request))
    messages.success(request, _("Thank you. We have your complaint in writing and go on from here."))
    return redirect("portal:page", token)


def _to_case(case: Case) -> HttpResponse:
    return redirect("portal:page", token_of(f"case:{case.pk}"))


def _shown(
    request: HttpRequest, found: Case | Hit, token: str, form: Words, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"token": token, "form": form, "customer": found.customer, "accepted_files": ACCEPTED}
    if isinstance(found, Case):
        sent = list(attachments_shared_with(found.customer, found))
        context |= {"mine": case_page(found, now=now_of(request)), "yes": Yes(), "files": sent}
        return render(request, "portal/case.html", context, status=status)
    assert found.failure.incident_id is not None  # noqa: S101 -- it was found by its incident
    context |= {"hit": found, "letters": letters_about_incident(found.customer, found.failure.incident_id)}
    return render(request, "portal/incident.html", context, status=status)
