"""Files of a case: added, opened, taken away."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amends.recover.core.attachment import NotTaken
from amends.recover.selectors import access_attachment, access_case
from amends.recover.services import attach_file, remove_file
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.downloads import download
from amends.web.uploads import MOST_AT_ONCE, bytes_of


@require_POST
@staff_page("work_cases")
def add(request: HttpRequest, case_id: int) -> HttpResponse:
    """Add files; of several, each that can be taken is taken."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    uploads, taken = request.FILES.getlist("files"), 0
    if not uploads:
        messages.error(request, _("Please choose a file first."))
    if len(uploads) > MOST_AT_ONCE:
        messages.error(request, _("At most {count} files at once, please.").format(count=MOST_AT_ONCE))
    for upload in uploads[:MOST_AT_ONCE]:
        try:
            attach_file(case.pk, name=upload.name or "", data=bytes_of(upload), acting_user=staff, now=now_of(request))
        except NotTaken as refusal:
            messages.error(request, in_words(refusal))
        else:
            taken += 1
    if taken:
        words = ngettext("{count} file is with the case.", "{count} files are with the case.", taken)
        messages.success(request, words.format(count=taken))
    return redirect("console:case", case.pk)


@require_safe
@staff_page("see_cases")
def fetch(request: HttpRequest, attachment_id: int) -> FileResponse:
    """One file, to be saved."""
    return download(access_attachment(staff_of(request), attachment_id))


@require_POST
@staff_page("work_cases")
def remove(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """Take a file away."""
    staff = staff_of(request)
    found = access_attachment(staff, attachment_id)
    remove_file(found.pk, acting_user=staff, now=now_of(request))
    messages.success(request, _("The file is taken away; the record keeps its name."))
    return redirect("console:case", found.case_id)
