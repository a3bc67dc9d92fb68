"""What a person says of the talk with a customer: what the customer feels, and how far the talk has come."""

from datetime import datetime

from amends.kernel.blueprint.guidance import EMOTIONS, STAGES
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import deployment
from amends.recover.core.refusals import Unfit
from amends.recover.models import Assessment, Case, Edit
from amends.recover.selectors.clocks import clocks_of
from amends.recover.selectors.guidance import Guided, guidance_of, letters_of
from amends.recover.services.holding import holding


def say_emotion(
    case_id: int,
    *,
    emotion: str,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,  # noqa: ARG001 -- of two who see it otherwise, the later stands, and both are on record
) -> Case:
    """Say what the customer feels, over what was read; it stands until they say something new.

    Args:
        case_id: which case.
        emotion: of `EMOTIONS`; empty: as it is read from what is known.
        acting_user: who.
        now: when.
        version: not asked for.

    Raises:
        Unfit: no emotion that guidance knows.
    """
    if emotion and emotion not in EMOTIONS:
        raise Unfit("emotion", Localised(en="There is no such emotion.", zh="没有这种情绪。"))
    with holding("say_emotion", case_id, acting_user=acting_user) as (case, person):
        before = _guided(case, now)
        row = Assessment.objects.get_or_create(case=case)[0]
        if emotion == (row.emotion if before.by_hand else ""):
            return case
        row.emotion, row.emotion_at = emotion, now if emotion else None
        row.save(update_fields=["emotion", "emotion_at"])
        after = emotion or before.felt.emotion
        Edit.objects.create(case=case, aspect="emotion", before=before.emotion, after=after, at=now, by=person)
    return case


def step_to(
    case_id: int,
    *,
    stage: str,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,  # noqa: ARG001 -- as above
) -> Case:
    """Go on in the talk, or back, to a stage; those before it count as done.

    Args:
        case_id: which case.
        stage: of `STAGES`.
        acting_user: who.
        now: when.
        version: not asked for.

    Raises:
        Unfit: no stage that guidance knows.
    """
    if stage not in STAGES:
        raise Unfit("stage", Localised(en="There is no such stage.", zh="没有这个阶段。"))
    with holding("step_to", case_id, acting_user=acting_user) as (case, person):
        before = _guided(case, now).reached
        if before.stage == stage:  # pressed twice
            return case
        row = Assessment.objects.get_or_create(case=case)[0]
        row.stage, row.stage_at = stage, now
        row.save(update_fields=["stage", "stage_at"])
        Edit.objects.create(case=case, aspect="stage", before=before.stage, after=stage, at=now, by=person)
    return case


def _guided(case: Case, now: datetime) -> Guided:
    actions = list(case.actions.order_by("due_at", "id"))
    return guidance_of(
        case, actions=actions, clocks=clocks_of(case), letters=letters_of(case), place=deployment(), now=now
    )
