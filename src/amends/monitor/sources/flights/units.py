"""Who answers for a flight: the carrier, its station at the origin, the route. Signals carry the station.

A station is a carrier's own (`UA-EWR`), since two carriers at one airport share weather but no crew, desk or budget.
"""

from typing import Final

from .records import connection, source

CARRIERS_ZH: Final = {
    "9E": "奋进航空",
    "AA": "美国航空",
    "AS": "阿拉斯加航空",
    "B6": "捷蓝航空",
    "DL": "达美航空",
    "EV": "快捷航空",
    "F9": "边疆航空",
    "FL": "穿越航空",
    "HA": "夏威夷航空",
    "MQ": "使者航空",
    "OO": "天西航空",
    "UA": "美国联合航空",
    "US": "全美航空",
    "VX": "维珍美国航空",
    "WN": "西南航空",
    "YV": "梅萨航空",
}

AIRPORTS: Final = {
    "EWR": ("Newark", "纽瓦克机场"),
    "JFK": ("New York JFK", "肯尼迪机场"),
    "LGA": ("LaGuardia", "拉瓜迪亚机场"),
}


def units() -> list[tuple[str, str | None, str, str]]:
    """(code, parent's code, English name, Chinese name), parents before children."""
    with connection() as connected:
        for name in ("flown", "airlines"):
            connected.register(name, source()[name])
        routes = connected.execute(
            "SELECT DISTINCT carrier, name, origin, dest FROM flown JOIN airlines USING (carrier) ORDER BY ALL"
        ).fetchall()
    tree: dict[str, tuple[str, str | None, str, str]] = {}
    for carrier, carrier_name, origin, dest in routes:
        station, route = f"{carrier}-{origin}", f"{carrier}-{origin}-{dest}"
        place_en, place_zh = AIRPORTS[origin]
        tree.setdefault(carrier, (carrier, None, carrier_name, CARRIERS_ZH[carrier]))
        tree.setdefault(
            station, (station, carrier, f"{carrier_name}, {place_en}", f"{CARRIERS_ZH[carrier]}{place_zh}站")
        )
        tree.setdefault(route, (route, station, f"{carrier} {origin}–{dest}", f"{carrier} {origin}–{dest} 航线"))
    return list(tree.values())
