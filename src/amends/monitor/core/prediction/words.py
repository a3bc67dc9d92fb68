"""Why a chance is what it is, in words: the columns that moved it most, each with the figure that it rests on."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from amends.kernel.text import Localised
from amends.monitor.core.prediction.columns import Floats

SAID: Final = 3  # reasons at most
LEAST: Final = 0.1  # of log-odds; what moved less is not worth a word
WEEKDAYS: Final = (
    ("Monday", "星期一"),
    ("Tuesday", "星期二"),
    ("Wednesday", "星期三"),
    ("Thursday", "星期四"),
    ("Friday", "星期五"),
    ("Saturday", "星期六"),
    ("Sunday", "星期日"),
)
SPANS: Final = {
    "2h": ("the last two hours", "最近两小时"),
    "1d": ("the last day", "最近一天"),
    "14d": ("two weeks", "最近两周"),
}
NO_MODEL: Final[Mapping[str, Localised]] = {
    "unknown_kind": Localised(
        en="The training saw no promise of this kind; so this is the usual share of all promises.",
        zh="训练中没有此类承诺，因此采用全部承诺的通常违约比例。",
    ),
    "drifted": Localised(
        en="These days are unlike those that the model learnt from; so this is the usual share of this standard.",
        zh="近期情况与训练时不同，因此采用该标准的通常违约比例。",
    ),
}


def reasons(columns: Sequence[str], row: Floats, shares: Floats, names: Mapping[str, Localised]) -> list[Localised]:
    """What moved a chance most, the strongest first; columns of one group count together.

    Args:
        columns: their names.
        row: what they say of the promise.
        shares: how far each moved the log-odds.
        names: what resources are called, such as `data.tail`: aircraft.
    """
    together: dict[str, list[int]] = {}
    for at, name in enumerate(columns):
        together.setdefault(_group(name), []).append(at)
    moved = {group: float(shares[places].sum()) for group, places in together.items()}
    found: list[Localised] = []
    for group in sorted(moved, key=lambda one: -abs(moved[one])):
        if abs(moved[group]) < LEAST or len(found) == SAID:
            break
        strongest = [at for at in sorted(together[group], key=lambda at: -abs(shares[at])) if not np.isnan(row[at])]
        said = next((one for at in strongest if (one := _said(columns[at], float(row[at]), names)) is not None), None)
        if said is not None:
            up = moved[group] > 0
            found.append(
                Localised(
                    en=f"{'Raises' if up else 'Lowers'} it: {said.en}.",
                    zh=f"{'升高原因' if up else '降低原因'}：{said.zh}。",
                )
            )
    return found


def _group(column: str) -> str:
    if column.startswith("data."):
        return ".".join(column.split(".")[:2])
    return column.split(".", maxsplit=1)[0]


def _said(column: str, value: float, names: Mapping[str, Localised]) -> Localised | None:
    plain = _plain(column, value)
    if plain is not None:
        return plain
    group = _group(column)
    return _of_group(column.removeprefix(f"{group}.").split("."), value, _whose(group, names))


def _of_group(parts: Sequence[str], value: float, whose: Localised) -> Localised | None:
    """What happened lately in a group: how late, how often, how many now."""
    said: Localised | None = None
    span = SPANS.get(parts[0])
    if span is not None and parts[1] == "late":
        said = _late(
            value, f"over {span[0]}, on average, promises of {whose.en} came", f"{span[1]}{whose.zh}的承诺平均"
        )
    elif span is not None and parts[1] == "broken":
        said = Localised(
            en=f"{value:.0%} of the promises of {whose.en} were broken over {span[0]}",
            zh=f"{span[1]}{whose.zh}的承诺有 {value:.0%} 未兑现",
        )
    elif parts == ["last", "late"]:
        said = _late(value, f"what was last promised of {whose.en} came", f"{whose.zh}上一次承诺")
    elif parts == ["overdue"]:
        number = round(value)
        said = Localised(en=f"{_promises(number, whose)} overdue now", zh=f"{whose.zh}目前有 {number} 项承诺已逾期")
    elif parts == ["open"]:
        number = round(float(np.expm1(value)))
        said = Localised(en=f"{_promises(number, whose)} open", zh=f"{whose.zh}目前有 {number} 项承诺未了结")
    return said


def _plain(column: str, value: float) -> Localised | None:
    match column:
        case "lead":
            return Localised(en=f"{_span(value)[0]} left until it is due", zh=f"距到期还有{_span(value)[1]}")
        case "length":
            return Localised(en=f"it was promised for {_span(value)[0]}", zh=f"承诺的时长为{_span(value)[1]}")
        case "hour":
            return Localised(
                en=f"it is due between {int(value)}:00 and {int(value)}:59",
                zh=f"到期时间在 {int(value)} 点到 {int(value) + 1} 点之间",
            )
        case "weekday":
            en, zh = WEEKDAYS[int(value) % 7]
            return Localised(en=f"it is due on a {en}", zh=f"到期日为{zh}")
    if column.startswith("standard."):
        return Localised(en="which promise it is", zh="承诺的种类")
    return None


def _whose(group: str, names: Mapping[str, Localised]) -> Localised:
    known = {
        "all": Localised(en="this standard", zh="该标准"),
        "unit": Localised(en="this unit", zh="该单位"),
        "unit_hour": Localised(en="this unit at this hour", zh="该单位同一时段"),
        "subject": Localised(en="the same subject", zh="同一服务对象"),
    }
    if group in known:
        return known[group]
    if group in names:
        return Localised(en=f"the same {names[group].en}", zh=f"同一{names[group].zh}")
    word = group.removeprefix("data.")
    return Localised(en=f"the same {word}", zh=f"同一 {word} ")


def _promises(number: int, whose: Localised) -> str:
    return f"1 promise of {whose.en} is" if number == 1 else f"{number} promises of {whose.en} are"


def _late(minutes: float, en: str, zh: str) -> Localised:
    whole = round(abs(minutes))
    if whole == 0:
        return Localised(en=f"{en} just when due", zh=f"{zh}恰好按时")
    late = minutes > 0
    return Localised(
        en=f"{en} {whole} minute{'' if whole == 1 else 's'} {'late' if late else 'early'}",
        zh=f"{zh}{'晚' if late else '提前'} {whole} 分钟",
    )


def _span(minutes: float) -> tuple[str, str]:
    whole = round(minutes)
    if whole < 120:
        return f"{whole} minute{'' if whole == 1 else 's'}", f" {whole} 分钟"
    hours = round(whole / 60)
    if hours < 72:
        return f"{hours} hours", f" {hours} 小时"
    return f"{round(hours / 24)} days", f" {round(hours / 24)} 天"
