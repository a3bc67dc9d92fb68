"""Standards are changed by publishing the blueprint anew with the changed one in it; every version is kept."""

from datetime import datetime
from typing import Final

from django.db import transaction

from amends.kernel.blueprint import Blueprint, BlueprintErrors
from amends.kernel.text import Localised
from amends.monitor.core.drafts import without_standard
from amends.monitor.core.refusals import NotDone
from amends.monitor.drafting import in_force, require_standards, tried
from amends.monitor.services.backtests import NOTHING_NEW, standards_of
from amends.monitor.sources.drafts import Draft
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import deployment
from amends.policy.services import hold_versions, publish_blueprint

UNTRIED: Final = Localised(en="Not tried on history: ", zh="未经历史回测：")  # in front of why, in the version's note
WHY: Final = Localised(en="Say what is new and why, for those who look back.", zh="请写明改动内容和原因，供日后查阅。")
WHY_UNTRIED: Final = Localised(
    en="This draft was not tried on history. Try it first, or say why it is published without.",
    zh="此草案未经历史回测。请先回测，或写明为何直接发布。",
)
MOVED_ON: Final = Localised(
    en="Somebody published another version in the meantime. Look at what changed, then publish on top of it.",
    zh="期间已有他人发布了新版本。请查看变化后再在其基础上发布。",
)
LAST_ONE: Final = Localised(
    en="It is the only standard; at least one has to stay.", zh="这是唯一的服务标准，至少须保留一项。"
)


@transaction.atomic
def publish_standard(
    draft: Draft, *, base: int, why: str, untried: str, locale: str, acting_user: Staff, now: datetime
) -> BlueprintVersion:
    """Put a draft of one standard in force, as the next version of the blueprint.

    Args:
        draft: made on the blueprint in force.
        base: the number of the version that the person saw.
        why: what is new and why.
        untried: why it is published though no back-test of this very draft was finished; where one was, it is not
            needed.
        locale: the person's, in whose language the version's note is.
        acting_user: who publishes it.
        now: when.

    Raises:
        NotDone: a reason is missing, nothing is new, or somebody else was quicker.
    """
    require_standards(acting_user)
    hold_versions(deployment().blueprint_name)
    now_in_force = in_force()
    if now_in_force.version.number != base:
        raise NotDone(MOVED_ON)
    assert draft.pack is not None  # noqa: S101 -- standard_in makes it
    if draft.standards == standards_of(now_in_force.pack):
        raise NotDone(NOTHING_NEW)
    note = why.strip()
    if not note:
        raise NotDone(WHY)
    if tried(draft.digest, against=now_in_force.version) is None:
        if not untried.strip():
            raise NotDone(WHY_UNTRIED)
        note += f"\n{UNTRIED.in_(locale)}{untried.strip()}"
    return _publish(draft.pack, note=note, acting_user=acting_user, now=now)


@transaction.atomic
def withdraw_standard(standard_id: str, *, base: int, why: str, acting_user: Staff, now: datetime) -> BlueprintVersion:
    """Judge by a standard no more, from the next version on. What it found stays.

    Raises:
        NotDone: a reason is missing, other parts of the blueprint need it, or somebody else was quicker.
        NotFound: there is none of that id in force.
    """
    require_standards(acting_user)
    hold_versions(deployment().blueprint_name)
    now_in_force = in_force()
    if now_in_force.declared(standard_id) is None:
        raise NotFound(f"There is no standard {standard_id!r} in force.")
    if now_in_force.version.number != base:
        raise NotDone(MOVED_ON)
    if not why.strip():
        raise NotDone(WHY)
    file = without_standard(now_in_force.pack.standards_file(), standard_id)
    if not file["standards"]:
        raise NotDone(LAST_ONE)
    try:
        pack = Blueprint.from_content({**now_in_force.pack.content(), "standards": file["standards"]})
        standards_of(pack)
    except (BlueprintErrors, ValueError) as error:
        said = str(error).splitlines()[0]
        raise NotDone(
            Localised(en=f"Other parts of the blueprint need it: {said}", zh=f"蓝图其他部分仍需要它：{said}")
        ) from None
    return _publish(pack, note=why.strip(), acting_user=acting_user, now=now)


def _publish(pack: Blueprint, *, note: str, acting_user: Staff, now: datetime) -> BlueprintVersion:
    who = f"{acting_user.name} <{acting_user.email}>"[:200]
    return publish_blueprint(pack, name=deployment().blueprint_name, now=now, acting_user=who, note=note)
