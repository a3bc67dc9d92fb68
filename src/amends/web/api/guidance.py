"""Guidance for whoever speaks with the customer of a case, and what that person says of the talk."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.blueprint.guidance import CultureNote, Emotion, Stage
from amends.kernel.taxonomy import Confidence
from amends.kernel.text import Localised
from amends.policy.present import present
from amends.recover.selectors.guidance import guidance_for
from amends.recover.services import say_emotion, step_to
from amends.web.api.answers import Words, answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["case work"])


class FeltOut(Schema):
    """What the customer feels."""

    emotion: Emotion
    name: Words
    by_hand: bool = Field(description="A person said so; else it was read from what is known.")
    read: Emotion = Field(description="As it was read from what is known.")
    why: Words = Field(description="Of what was read.")
    rule: str
    inputs: dict[str, Any] = Field(description="What the rule looked at.")
    source: str
    confidence: Confidence


class StageOut(Schema):
    """How far the talk has come."""

    stage: Stage
    name: Words
    aim: Words
    by_hand: bool
    behind: list[Stage]
    following: Stage | None = Field(description="The one to step on to; null at the last one.")


class NoteOut(Schema):
    """What is known of customers of a locale; direction only."""

    id: str
    text: Words
    source: Words | str = Field(description="Plain text where both languages say the same.")
    confidence: Confidence


class ScriptOut(Schema):
    """The words of an open action that a person does by phone or face to face."""

    action: int
    words: Words


class GuidanceOut(Schema):
    """What helps whoever speaks with the customer now."""

    case: int
    felt: FeltOut
    stage: StageOut
    do: list[Words]
    say: list[Words]
    avoid: list[Words]
    rules: list[str] = Field(description="The entries of the guidance that say so.")
    notes: list[NoteOut]
    scripts: list[ScriptOut]


class Talk(Body):
    """What a person says of the talk; what is left out stays as it is."""

    emotion: Annotated[
        Emotion | None, Field(description="Null: as it is read from what is known.", examples=["angry"])
    ] = None
    stage: Annotated[Stage | None, Field(description="Those before it count as done.", examples=["explain"])] = None


def _words(text: Localised) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _source(note: CultureNote) -> dict[str, str] | str:
    return note.source if isinstance(note.source, str) else _words(note.source)


def _guidance(request: HttpRequest, case_id: int) -> HttpResponse:
    case, guided, scripts = guidance_for(caller(request), case_id, now=present())
    felt, reached = guided.felt, guided.reached
    return answer(
        {
            "case": case.pk,
            "felt": {
                "emotion": guided.emotion,
                "name": _words(guided.meant.name),
                "by_hand": guided.by_hand,
                "read": felt.emotion,
                "why": _words(felt.why.text),
                "rule": felt.why.rule,
                "inputs": dict(felt.why.inputs),
                "source": felt.source,
                "confidence": felt.confidence,
            },
            "stage": {
                "stage": reached.stage,
                "name": _words(guided.stage.name),
                "aim": _words(guided.stage.aim),
                "by_hand": reached.by_hand,
                "behind": list(reached.behind),
                "following": reached.following,
            },
            "do": [_words(line) for line in guided.advised.do],
            "say": [_words(line) for line in guided.say],
            "avoid": [_words(line) for line in guided.advised.avoid],
            "rules": list(guided.advised.rules),
            "notes": [
                {"id": one.id, "text": _words(one.text), "source": _source(one), "confidence": one.confidence}
                for one in guided.notes
            ],
            "scripts": [{"action": pk, "words": _words(words)} for pk, words in scripts.items()],
        }
    )


@router.get(
    "/cases/{int:case_id}/guidance",
    auth=needs("read:cases"),
    response=GuidanceOut,
    summary="Get guidance for the talk",
)
def get_guidance(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the customer feels and how far the talk has come, each with its reason; what to do, to say and to avoid;
    and the words of calls that are still to be made. For the one who speaks, never for the customer."""
    return _guidance(request, case_id)


@router.put(
    "/cases/{int:case_id}/guidance",
    auth=needs("write:cases"),
    response=GuidanceOut,
    summary="Say how the talk stands",
)
@once
def put_talk(request: HttpRequest, case_id: int, body: Talk) -> HttpResponse:
    """What the customer feels, as the person sees it, and the stage of the talk. Both go on record."""
    given = body.model_fields_set
    if "emotion" in given:
        say_emotion(case_id, emotion=body.emotion or "", acting_user=caller(request), now=present())
    if body.stage is not None:
        step_to(case_id, stage=body.stage, acting_user=caller(request), now=present())
    return _guidance(request, case_id)
