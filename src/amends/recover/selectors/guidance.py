"""What helps whoever speaks with the customer of a case: what they feel, how far the talk has come, what to do and say,
and the words of what is done by phone or in person."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from amends.channels.models import Message
from amends.kernel.blueprint.guidance import (
    EMOTIONS,
    STAGES,
    Advised,
    CultureNote,
    Emotion,
    EmotionMeant,
    Stage,
    StageMeant,
    advised,
    notes_for,
    phrases_for,
    standard_guidance,
)
from amends.kernel.repairs import WRITTEN
from amends.kernel.taxonomy import Phrases
from amends.kernel.text import LANGUAGES, Localised, MissingFactError, WordedText
from amends.people.models import Staff
from amends.policy.models import Deployment, Explanation
from amends.policy.selectors import blueprint_of, deployment
from amends.recover.core.action import UNDONE
from amends.recover.core.case import OWED
from amends.recover.core.emotion import (
    STAGE_OF,
    TALKS,
    Chosen,
    Felt,
    Known,
    Progress,
    Reached,
    Said,
    emotion_of,
    stage_reached,
)
from amends.recover.core.words import Told, amount_of, rendered
from amends.recover.links import PLACE, without_key
from amends.recover.models import Action, Assessment, Case, Clock
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.clocks import clocks_of
from amends.recover.selectors.desk import merged_into

LATEST: Final = 20  # of the customer's words that are looked at
SPOKEN_TO: Final = frozenset({"phone", "counter"})  # channels by which one of us heard them speak


@dataclass(frozen=True, kw_only=True)
class Guided:
    """Guidance for one case now. `felt` is read from what is known; `emotion` is what counts: a person's stands."""

    felt: Felt
    emotion: Emotion
    by_hand: bool  # a person said what the customer feels
    reached: Reached
    advised: Advised
    say: tuple[Localised, ...]  # filled for this customer
    notes: tuple[CultureNote, ...]

    @property
    def meant(self) -> EmotionMeant:
        """What the emotion is called and how one knows it."""
        return emotions()[self.emotion]

    @property
    def stage(self) -> StageMeant:
        """What the stage is called and when it is reached."""
        return stages()[self.reached.stage]

    @property
    def path(self) -> list[tuple[Stage, StageMeant, bool, bool]]:
        """Every stage in order: whether it is the present one, and whether it is behind."""
        return [
            (one, meant, one == self.reached.stage, one in self.reached.behind and one != self.reached.stage)
            for one, meant in stages().items()
        ]


def emotions() -> Mapping[Emotion, EmotionMeant]:
    """Every emotion, the gravest first."""
    ships = standard_guidance().emotions
    return {one: ships[one] for one in EMOTIONS}


def stages() -> Mapping[Stage, StageMeant]:
    """Every stage, in order."""
    ships = standard_guidance().stages
    return {one: ships[one] for one in STAGES}


def guidance_for(staff: Staff, case_id: int, *, now: datetime) -> tuple[Case, Guided, dict[int, Localised]]:
    """A case with its guidance, and the words to say for its open actions.

    Raises:
        NotAllowed: the person may not see cases.
        NotFound: there is no such case, or none that this person may see.
    """
    case = access_case(staff, case_id)
    actions = list(case.actions.order_by("due_at", "id"))
    clocks, place = clocks_of(case), deployment()
    guided = guidance_of(case, actions=actions, clocks=clocks, letters=letters_of(case), place=place, now=now)
    return case, guided, scripts_of(case, actions, clocks=clocks, place=place)


def letters_of(case: Case, contents: Collection[str] = ("links",)) -> list[Message]:
    """What was said in the case and in those that went into it, the first first."""
    family = [case.pk, *(merged_into(case) if "links" in contents else ())]
    return list(Message.objects.filter(thread__in=[f"case:{pk}" for pk in family]).order_by("created_at", "id"))


def guidance_of(
    case: Case,
    *,
    actions: Sequence[Action],
    clocks: Sequence[Clock],
    letters: Sequence[Message],
    place: Deployment,
    now: datetime,
) -> Guided:
    """The guidance for a case that was fetched for somebody who may see it, from what else was fetched: no query.

    Args:
        case: with its customer, assessment and reasons at hand.
        actions: of its plan.
        clocks: of the case.
        letters: what was said, the first first.
        place: where we are.
        now: when.
    """
    pack = blueprint_of(case.blueprint_id)
    row: Assessment | None = getattr(case, "assessment", None)
    heard = [letter for letter in letters if letter.state == Message.State.RECEIVED]
    felt = emotion_of(_known(case, clocks, heard, now), _phrases(case.blueprint_id))
    hand = Chosen(value=row.emotion, at=row.emotion_at) if row is not None and row.emotion_at is not None else None
    by_hand = hand is not None and hand.value in EMOTIONS and hand.stands(felt.at if felt.by_words else None)
    emotion: Emotion = hand.value if hand is not None and by_hand else felt.emotion  # type: ignore[assignment]  # it is one
    set_ = Chosen(value=row.stage, at=row.stage_at) if row is not None and row.stage_at is not None else None
    reached = stage_reached(_progress(actions, heard, letters), set_)
    found = advised(pack.guidance, emotion, reached.stage, case.kind)
    return Guided(
        felt=felt,
        emotion=emotion,
        by_hand=by_hand,
        reached=reached,
        advised=found,
        say=tuple(_filled(said, case, place) for said in found.say),
        notes=notes_for(pack.guidance, emotion, reached.stage, case.customer.locale),
    )


def scripts_of(
    case: Case, actions: Iterable[Action], *, clocks: Sequence[Clock], place: Deployment
) -> dict[int, Localised]:
    """What to say for each open action that a person does by phone or face to face; by action. Without those whose
    words speak of what this case has not.

    Args:
        case: that was fetched for somebody who may see it.
        actions: of its plan.
        clocks: of the case.
        place: where we are.
    """
    spoken = [one for one in actions if one.template and one.channel not in WRITTEN and one.state in UNDONE]
    if not spoken:
        return {}
    found = {}
    for action in spoken:
        template = blueprint_of(case.plan.blueprint_id).templates.get(action.template)
        if template is None:
            continue
        told = Told(
            name=case.customer.name,
            company=Localised(en=place.company_en, zh=place.company_zh),
            subject=case.subject,
            what_happened=Localised(en=case.what_happened.en, zh=case.what_happened.zh),
            cause=Localised(en=case.cause.en, zh=case.cause.zh),
            amount=amount_of(action.amount, action.currency),
            remedy=action.remedy,
            by_when=_promised(clocks, action.ready_at),
            case=str(case.pk),
            link=without_key(PLACE),
        )
        zone = ZoneInfo(place.timezone)
        try:
            said = {one: rendered(template, told, locale=one, zone=zone)[1].strip() for one in LANGUAGES}
        except MissingFactError:
            continue
        found[action.pk] = Localised(en=said["en"], zh=said["zh"])
    return found


def _promised(clocks: Sequence[Clock], ready_at: datetime) -> datetime | None:
    """As letters say it: news first, then the repair."""
    news = [clock.due_at for clock in clocks if clock.kind == "inform" and clock.due_at > ready_at]
    repair = [clock.due_at for clock in clocks if clock.kind == "resolve"]
    return min(news or repair, default=None)


@lru_cache(maxsize=32)
def _phrases(blueprint_id: int) -> Mapping[Emotion, Phrases]:
    own = blueprint_of(blueprint_id).guidance
    return {emotion: phrases_for(own, emotion) for emotion in EMOTIONS}


def _known(case: Case, clocks: Sequence[Clock], heard: Sequence[Message], now: datetime) -> Known:
    kind = blueprint_of(case.blueprint_id).taxonomy.kinds[case.kind]
    earlier = case.facts.get("prior_failures")
    owed = case.state in OWED

    def late(*kinds: str) -> bool:
        running = (clock for clock in clocks if clock.kind in kinds and clock.state in {"running", "missed"})
        return owed and any(clock.due_at < now for clock in running)

    return Known(
        said=tuple(Said(at=one.created_at, text=one.body) for one in reversed(heard[-LATEST:])),
        severity=case.severity,
        loss=kind.loss,
        by_employee=kind.bitner == "employee_act",
        responsible=case.responsible,
        controllable=case.controllable,
        earlier_failures=earlier if isinstance(earlier, int) else 0,
        objections=sum(_objects(one) for one in heard),
        late=late("resolve"),
        untold=late("acknowledge", "inform"),
        vulnerable=case.customer.vulnerable,
    )


def _objects(letter: Message) -> bool:
    return ":objection:" in letter.key


def _progress(actions: Sequence[Action], heard: Sequence[Message], letters: Sequence[Message]) -> Progress:
    """What was done, each at its latest time."""
    done: dict[Stage, datetime] = {}
    for stage, at in (*_did(actions), *_listened(letters)):
        done[stage] = max(done.get(stage, at), at)
    return Progress(
        done=done,
        said_at=max((one.created_at for one in heard), default=None),
        objected_at=max((one.created_at for one in heard if _objects(one)), default=None),
    )


def _did(actions: Sequence[Action]) -> Iterator[tuple[Stage, datetime]]:
    """Which stages the plan's actions stand for, where a person did them: a letter that goes out by itself has heard
    nobody, and is no apology yet to who wants to be heard."""
    for action in actions:
        if action.state != "done" or action.done_at is None or action.done_by_id is None:
            continue
        if action.kind in TALKS:
            yield "listen", action.done_at
        if action.kind in STAGE_OF:
            yield STAGE_OF[action.kind], action.done_at


def _listened(letters: Sequence[Message]) -> Iterator[tuple[Stage, datetime]]:
    """One of us wrote to them in their own words, or took theirs down."""
    for letter in letters:
        taken = letter.state == Message.State.RECEIVED and letter.channel in SPOKEN_TO
        if ":letter:" in letter.key or (taken and letter.key.startswith("failure:")):
            yield "listen", letter.created_at


def _filled(said: Localised, case: Case, place: Deployment) -> Localised:
    """A sentence for this customer; what happened and why are as their letters have them."""
    return said.filled(
        {
            "name": case.customer.name,
            "company": WordedText(place.company_en, Localised(en=place.company_en, zh=place.company_zh)),
            "subject": case.subject,
            "what_happened": _worded(case.what_happened),
            "cause": _worded(case.cause),
        }
    )


def _worded(why: Explanation) -> WordedText:
    return WordedText(why.en, Localised(en=why.en, zh=why.zh))
