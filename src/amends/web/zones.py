"""What a time zone is called to people: by its place, in Chinese too where the place has a name that people know."""

from typing import Final

PLACES_ZH: Final = {
    "Africa/Cairo": "开罗",
    "Africa/Johannesburg": "约翰内斯堡",
    "Africa/Lagos": "拉各斯",
    "Africa/Nairobi": "内罗毕",
    "America/Argentina/Buenos_Aires": "布宜诺斯艾利斯",
    "America/Bogota": "波哥大",
    "America/Chicago": "芝加哥",
    "America/Denver": "丹佛",
    "America/Los_Angeles": "洛杉矶",
    "America/Mexico_City": "墨西哥城",
    "America/New_York": "纽约",
    "America/Sao_Paulo": "圣保罗",
    "America/Toronto": "多伦多",
    "America/Vancouver": "温哥华",
    "Asia/Bangkok": "曼谷",
    "Asia/Dubai": "迪拜",
    "Asia/Ho_Chi_Minh": "胡志明市",
    "Asia/Hong_Kong": "香港",
    "Asia/Jakarta": "雅加达",
    "Asia/Kolkata": "加尔各答",
    "Asia/Kuala_Lumpur": "吉隆坡",
    "Asia/Macau": "澳门",
    "Asia/Manila": "马尼拉",
    "Asia/Seoul": "首尔",
    "Asia/Shanghai": "上海",
    "Asia/Singapore": "新加坡",
    "Asia/Taipei": "台北",
    "Asia/Tokyo": "东京",
    "Asia/Urumqi": "乌鲁木齐",
    "Australia/Melbourne": "墨尔本",
    "Australia/Perth": "珀斯",
    "Australia/Sydney": "悉尼",
    "Europe/Amsterdam": "阿姆斯特丹",
    "Europe/Berlin": "柏林",
    "Europe/Istanbul": "伊斯坦布尔",
    "Europe/London": "伦敦",
    "Europe/Madrid": "马德里",
    "Europe/Moscow": "莫斯科",
    "Europe/Paris": "巴黎",
    "Europe/Rome": "罗马",
    "Europe/Vienna": "维也纳",
    "Europe/Zurich": "苏黎世",
    "Pacific/Auckland": "奥克兰",
    "UTC": "协调世界时",
}


def place_of(zone: str, language: str) -> str:
    """The zone's place, as in `New York`; a place without a Chinese name here keeps the one it has."""
    own = zone.rsplit("/", 1)[-1].replace("_", " ")
    return PLACES_ZH.get(zone, own) if language == "zh" else own
