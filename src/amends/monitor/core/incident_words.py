"""Why a failure belongs to its incident, and a group of failures to a candidate: the reasons, in both languages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from amends.kernel.reason import Reason
from amends.kernel.taxonomy import DECISION_FACTS
from amends.kernel.text import Localised
from amends.monitor.core.incident import WINDOW, window_start

_RESPONSIBLE: Final[Mapping[str, Localised]] = DECISION_FACTS["responsible"].values or {}


def same_subject(subject: str) -> Reason:
    """It is about the same subject as those before."""
    return Reason(
        rule="incident.subject",
        text=Localised(en="It is about {subject}, as is what failed before.", zh="与此前的失误同属{subject}。").filled(
            {"subject": subject}
        ),
        inputs={"subject": subject},
    )


def first_of_subject(subject: str) -> Reason:
    """It is the first about a subject of which no unit is known."""
    return Reason(
        rule="incident.alone",
        text=Localised(
            en="No unit is known, so {subject} stands for itself.", zh="所属单位不明，因此{subject}单独成为一个事件。"
        ).filled({"subject": subject}),
        inputs={"subject": subject},
    )


def same_window(unit: Localised, code: str, step: Localised | None, responsible: str, first_at: datetime) -> Reason:
    """Same unit, same window of time, same step of the process, same party responsible."""
    start = window_start(first_at).astimezone(UTC)
    span = f"{start:%Y-%m-%d %H:%M}–{start + WINDOW:%H:%M} UTC"
    return Reason(
        rule="incident.window",
        text=Localised(
            en="At {unit}, between {span}, in the step “{step}”, and the cause lies with {whom}: what shares all four "
            "is one incident.",
            zh="发生在{unit}，时间为{span}，环节为“{step}”，责任方均为{whom}：四者相同的失误归为同一事件。",
        ).filled(
            {
                "unit": unit,
                "span": span,
                "step": step or Localised(en="unknown", zh="未知"),
                "whom": _RESPONSIBLE.get(responsible, responsible),
            }
        ),
        inputs={"unit": code, "from": start.isoformat(), "step": step.en if step else None, "responsible": responsible},
    )


def out_of_control(name: Localised | None, standard: str, since: datetime) -> Reason:
    """Its unit is out of control by a rate."""
    at = f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Reason(
        rule="incident.out_of_control",
        text=Localised(
            en="Its unit has been out of control since {at}: {standard}.", zh="所属单位自{at}起失控：{standard}。"
        ).filled({"at": at, "standard": name or standard}),
        inputs={"standard": standard, "since": since.isoformat()},
    )


def hangs_on(resource: str, kind: Localised, event: Localised, since: datetime) -> Reason:
    """Something upstream failed, and this depends on it."""
    at = f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Reason(
        rule="incident.upstream",
        text=Localised(
            en="{event}: {kind} {name}, since {at}. This depends on it.",
            zh="{event}：{kind} {name}，始于{at}。此项依赖于它。",
        ).filled({"event": event, "kind": kind, "name": resource.partition("/")[2], "at": at}),
        inputs={"resource": resource, "since": since.isoformat()},
    )


def likely_upstream(resource: str, kind: Localised, within: timedelta) -> Reason:
    """Many that hang on one resource failed one after the other."""
    hours = f"{within / timedelta(hours=1):g}"
    return Reason(
        rule="candidate.upstream",
        text=Localised(
            en="All of them depend on {kind} {name}, and each failed within {hours} hours of the one before.",
            zh="它们都依赖于{kind} {name}，且每次失误与前一次相隔不超过{hours}小时。",
        ).filled({"kind": kind, "name": resource.partition("/")[2], "hours": hours}),
        inputs={"resource": resource, "within_hours": hours},
    )


def like_words(words: str, least: float) -> Reason:
    """Customers complain in like words."""
    said = words if len(words) <= 120 else words[:119] + "…"
    return Reason(
        rule="candidate.words",
        text=Localised(
            en="Several customers say much the same as this: “{words}”", zh="多位顾客的说法与此相近：“{words}”"
        ).filled({"words": said}),
        inputs={"least": least},
    )


def confirmed(why: Localised, who: str) -> Reason:
    """A person confirmed a candidate."""
    return Reason(
        rule="incident.confirmed",
        text=Localised(en="{why} Confirmed by {who}.", zh="{why}已由{who}确认。").filled({"why": why, "who": who}),
        inputs={"by": who},
    )


def split_off(who: str, note: str) -> Reason:
    """A person took it out of another incident."""
    return Reason(
        rule="incident.split",
        text=Localised(
            en="{who} took it out of another incident, for it has a cause of its own. {note}",
            zh="{who}将其从另一事件中拆出，因其另有原因。{note}",
        ).filled({"who": who, "note": note}),
        inputs={"by": who},
    )


def told_of_case(subject: str) -> Reason:
    """A customer told once more of what their case is about."""
    return Reason(
        rule="incident.told",
        text=Localised(
            en="The customer told us again of what their case about {subject} makes good.",
            zh="顾客再次反映的正是其关于{subject}的案件所补救之事。",
        ).filled({"subject": subject}),
        inputs={"subject": subject},
    )


def stands_alone() -> Reason:
    """It shares nothing but place and time with the incident that it would have joined."""
    return Reason(
        rule="incident.own",
        text=Localised(
            en="It shares nothing but place and time with what else failed there, so it stands for itself.",
            zh="它与当地其他失误只是时间和地点相同，因此单独成为一个事件。",
        ),
    )


def looked_after(closure: Localised, why: Localised) -> Reason:
    """It was expected, and its customers are looked after all the same."""
    return Reason(
        rule="closure.look_after",
        text=Localised(en="It was expected ({closure}). {why}", zh="此项在预期之内（{closure}）。{why}").filled(
            {"closure": closure, "why": why}
        ),
    )
