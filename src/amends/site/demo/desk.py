"""What the demo's people have prepared for their work: replies, a macro, a team. All of it through the services."""

from datetime import datetime
from typing import Final

from django.db import transaction

from amends.people.models import Staff, Unit
from amends.recover.models import CannedReply
from amends.recover.services import save_macro, save_reply
from amends.recover.services.teams import keep_member, keep_team
from amends.site.demo.cast import COMPANY_UNIT

NEWS: Final = {
    "name": "Where things stand · 最新进展",
    "subject_en": "Where things stand with {subject}",
    "subject_zh": "关于{subject}的最新进展",
    "body_en": "Hello {customer},\n\nwe are still working on this: {what_happened} You hear from us again by {by_when}."
    " You can look at all we do about it here: {link}\n\n{staff}, {company}",
    "body_zh": "{customer}，您好！\n\n此事仍在处理中：{what_happened}我们会在{by_when}前再次告知您进展。"
    "处理情况可随时在此查看：{link}\n\n{company} {staff}",
}
CALL: Final = {
    "name": "We could not reach you · 未能联系到您",
    "subject_en": "We tried to call you about {subject}",
    "subject_zh": "就{subject}一事致电未能接通",
    "body_en": "Hello {customer},\n\nI tried to call you and could not reach you. Please tell us here when"
    " it suits you, or simply answer: {link}\n\n{staff}, {company}",
    "body_zh": "{customer}，您好！\n\n我刚才致电给您，未能接通。请在此告知您方便的时间，"
    "或直接回复：{link}\n\n{company} {staff}",
}
HOURS: Final = 4
MOST_OPEN: Final = 40  # cases of one person


@transaction.atomic
def prepare(*, now: datetime) -> None:
    """Write the replies, the macro and the team, unless they are there."""
    if CannedReply.objects.exists():
        return
    people = {staff.role: staff for staff in Staff.objects.filter(is_active=True)}
    manager, company = people["manager"], Unit.objects.get(code=COMPANY_UNIT)
    news, _ = (
        save_reply(None, whose="shared", unit="", acting_user=manager, now=now, **words)  # all of the company's
        for words in (NEWS, CALL)
    )
    save_macro(
        None,
        name="Take it, promise news, say so · 接手、承诺进展并告知",
        whose="shared",
        unit="",
        steps=[{"act": "take"}, {"act": "promise", "hours": HOURS}, {"act": "message", "reply": news.pk}],
        acting_user=manager,
        now=now,
    )
    team = keep_team(name_en="Customer care", name_zh="客户关怀", unit=company.pk, acting_user=manager)
    for role, languages in (("front_line", ["en"]), ("supervisor", ["en", "zh"])):
        keep_member(
            team.pk,
            staff_id=people[role].pk,
            languages=languages,
            kinds=[],
            tiers=[],
            severity_most=3,
            most_open=MOST_OPEN,
            acting_user=manager,
        )
