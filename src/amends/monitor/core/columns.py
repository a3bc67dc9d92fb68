"""The columns of somebody's table as attributes of signals: guessed from their names, and rows read by them.

Whoever exports a table names its columns as they like. What a person settled on is a `Columns`; with it each row is
told as a signal, or refused in words.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from amends.monitor.core.local_time import Order, time_of
from amends.monitor.core.signal import Unusable

ATTRIBUTES: Final = ("id", "source", "type", "subject", "time", "customer", "unit", "data")
NEEDED: Final = ("type", "subject", "time")  # an id can be made of the row, a source has a default
FURTHER: Final = "data."  # a column of its own for one attribute of the data
DEFAULT_SOURCE: Final = "file"
MOST_COLUMNS: Final = 200
LONGEST_NAME: Final = 100

# what columns are called, without case, spaces and signs; the first that fits takes the attribute
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "signalid", "eventid", "messageid", "uuid", "编号", "事件编号", "消息编号", "流水号", "信号编号"),
    "source": ("source", "system", "sourcesystem", "origin", "来源", "来源系统", "系统"),
    "type": ("type", "event", "eventtype", "kind", "action", "类型", "事件", "事件类型", "信号类型"),
    "subject": (
        *("subject", "object", "flight", "flightno", "order", "orderno", "ordernumber", "parcel", "tracking"),
        *("trackingnumber", "booking", "ticket", "服务对象", "对象", "航班号", "订单号", "运单号", "预订号", "单号"),
    ),
    "time": (
        *("time", "timestamp", "eventtime", "datetime", "occurredat", "happenedat", "createdat", "date"),
        *("时间", "发生时间", "事件时间", "日期时间", "日期"),
    ),
    "customer": (
        *("customer", "customerid", "customerref", "client", "clientid", "passenger", "guest", "member"),
        *("顾客", "顾客编号", "客户", "客户编号", "会员", "会员号", "旅客"),
    ),
    "unit": (
        *("unit", "unitcode", "branch", "store", "station", "depot", "site", "department"),
        *("单位", "单位代码", "门店", "网点", "站点", "部门", "分公司"),
    ),
    "data": ("data", "payload", "attributes", "数据"),
}


@dataclass(frozen=True, kw_only=True)
class Columns:
    """How the rows of a table become signals."""

    targets: tuple[str, ...]  # of each column: an attribute, `data.NAME`, or "" for none
    times: frozenset[str] = frozenset()  # the `data.NAME`s that are times, told in the zone below
    constants: Mapping[str, str] = field(default_factory=dict)  # attributes that are the same in all rows
    zone: str = "UTC"  # of times without an offset
    order: Order = "month_first"  # of dates such as 3/2/2026

    def faults(self) -> list[str]:
        """Attributes that no column and no constant gives, or more than one column does."""
        given = [target for target in self.targets if target]
        lacking = [name for name in NEEDED if name not in given and not self.constants.get(name)]
        return [*lacking, *sorted({name for name in given if given.count(name) > 1})]


def guess(header: Sequence[str]) -> tuple[str, ...]:
    """What each column most likely tells; what no attribute is called becomes one of the data."""
    plain = [_plain(name) for name in header]
    taken: dict[int, str] = {}
    for attribute, names in NAMES.items():
        place = next((place for name in names for place, one in enumerate(plain) if one == name), None)
        if place is not None and place not in taken:
            taken[place] = attribute
    used: set[str] = set()
    targets = []
    for place, name in enumerate(header):
        target = taken.get(place) or further(name)
        targets.append("" if target in used else target)
        used.add(target)
    return tuple(targets)


def further(name: str) -> str:
    """The attribute of the data that a column of this name becomes."""
    inner = name.strip().removeprefix(FURTHER)[:LONGEST_NAME]
    plain = re.sub(r"[^0-9A-Za-z_一-鿿]+", "_", inner).strip("_")
    return f"{FURTHER}{plain}" if plain else ""


def is_target(target: str) -> bool:
    """Whether a column can be taken as that."""
    return target in {"", *ATTRIBUTES} or (target.startswith(FURTHER) and target == further(target) != FURTHER)


def told_of(cells: Sequence[str], columns: Columns) -> dict[str, Any]:
    """What a row tells, with its time as a moment.

    Raises:
        Unusable: it has more or fewer cells than there are columns, or a time in it can't be read.
    """
    if len(cells) != len(columns.targets):
        head = len(columns.targets)
        raise Unusable(f"it has {len(cells)} cells, the head has {head}", f"该行有 {len(cells)} 格，表头有 {head} 格")
    zone = ZoneInfo(columns.zone)
    told: dict[str, Any] = {name: value for name, value in columns.constants.items() if value}
    data: dict[str, Any] = {}
    for cell, target in zip(cells, columns.targets, strict=True):
        value = cell.strip()
        if not target or not value:
            continue
        if target == "time":
            told["time"] = time_of(value, zone, columns.order)
        elif target.startswith(FURTHER):
            is_time = target in columns.times
            data[target.removeprefix(FURTHER)] = time_of(value, zone, columns.order).isoformat() if is_time else value
        else:
            told[target] = value
    if data:
        told["data"] = data if "data" not in told else _joined(told["data"], data)
    told.setdefault("source", DEFAULT_SOURCE)
    if "id" not in columns.targets:
        told["id"] = made_id(told)
    return told


def made_id(told: Mapping[str, Any]) -> str:
    """An id for a row that has none: the same row, sent again, has the same."""
    said = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    return f"row-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _joined(text: str, data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        inner = None
    if not isinstance(inner, dict):
        raise Unusable("data is no JSON object", "data 不是 JSON 对象")
    return {**inner, **data}


def _plain(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", name).lower() if char.isalnum())
