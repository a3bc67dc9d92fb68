"""A letter to the customers of many cases: one's own words or a canned reply, filled for each in their language.

The words are settled when the run is prepared, so what was looked over is what is sent, whatever becomes of the reply.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from amends.kernel.text import Localised, language_of
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.recover.core import canned
from amends.recover.core.refusals import Declined
from amends.recover.models import Case
from amends.recover.selectors.replies import Written, access_reply, facts_of, filled_in, reply_facts
from amends.recover.services.working import send_message

TEXTS: Final = ("subject", "body")
WORDS: Final = Localised(
    en="A message needs a subject and words, or a canned reply.", zh="消息需要主题和正文，或选择一条常用回复。"
)
NO_REPLY: Final = Localised(
    en="This canned reply is not offered to you (any more).", zh="您不能（或不再能）使用此常用回复。"
)
BRACE: Final = Localised(
    en="A brace is not closed, or holds something else than a variable.", zh="大括号未闭合，或其中不是变量名。"
)


def settled(given: Mapping[str, Any], person: Staff) -> dict[str, Any]:
    """What the run keeps: the words in each language, those of the reply if one was chosen.

    Raises:
        Declined: there are no words, no such reply, or a variable that nothing fills.
    """
    if given.get("reply"):
        try:
            reply = access_reply(person, given["reply"])
        except NotFound:
            raise Declined(NO_REPLY) from None
        texts = {
            f"{name}_{language}": getattr(reply, f"{name}_{language}") for name in TEXTS for language in ("en", "zh")
        }
        return {"reply": reply.pk, **texts}
    words = {name: str(given.get(name, "")).strip() for name in TEXTS}
    if not all(words.values()):
        raise Declined(WORDS)
    try:
        canned.check(*words.values())
    except canned.UnknownVariables as unknown:
        names = ", ".join(f"{{{name}}}" for name in unknown.names)
        raise Declined(Localised(en=f"There is no such variable: {names}.", zh=f"没有这样的变量：{names}。")) from None
    except ValueError:
        raise Declined(BRACE) from None
    return words


def letter(given: Mapping[str, Any], case: Case, facts: Mapping[str, str]) -> Written:
    """The letter to one customer.

    Raises:
        Declined: the case has nothing for one of its variables.
    """
    language = language_of(case.customer.locale)
    subject, body = (given.get(name) or given[f"{name}_{language}"] for name in TEXTS)
    try:
        return filled_in(subject, body, facts)
    except canned.NotFilled as lacking:
        meaning = canned.VARIABLES[lacking.name]
        raise Declined(
            Localised(
                en=f"This case has nothing for {{{lacking.name}}} ({meaning.en}).",
                zh=f"此案件没有 {{{lacking.name}}}（{meaning.zh}）的内容。",
            )
        ) from None


def why_no_letter(given: Mapping[str, Any], person: Staff, cases: Sequence[Case]) -> Callable[[Case], Localised | None]:
    """Which of these cases lacks what the words speak of, and what."""
    facts = facts_of(person, cases)

    def why_not(case: Case) -> Localised | None:
        try:
            letter(given, case, facts[case.pk])
        except Declined as lacking:
            return lacking.said
        return None

    return why_not


def letters_of(given: Mapping[str, Any], person: Staff, cases: Iterable[Case]) -> dict[int, Written]:
    """As each customer would read it, by case; without those that lack something."""
    listed = list(cases)
    facts, letters = facts_of(person, listed), {}
    for case in listed:
        try:
            letters[case.pk] = letter(given, case, facts[case.pk])
        except Declined:
            continue
    return letters


def send(given: Mapping[str, Any], person: Staff, case: Case, *, now: datetime) -> int:
    """Write to the customer of one case."""
    made = letter(given, case, reply_facts(person, case))
    return send_message(case.pk, subject=made.subject, body=made.body, acting_user=person, now=now)
