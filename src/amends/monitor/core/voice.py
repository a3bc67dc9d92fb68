"""What a customer's words say: for now by lists of words in Chinese and English, and with the words that spoke for it.

Whatever reads texts better later, a trained model say, only has to be another Reader.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text says, how surely, and by which of its words."""

    says: bool
    confidence: float  # 0 to 1
    words: tuple[str, ...]  # as they stand in the text, each once


Reader = Callable[[str], Reading]
SILENT: Final = Reading(says=False, confidence=0.0, words=())

# a word is enough by itself (2), or only beside another one (1)
ENGLISH: Final = {
    2: (
        "complain(?:t|ts|ed|ing)?|unacceptable|outrageous|disgrace(?:ful)?|disgust(?:ed|ing)|appalling|atrocious|"
        "terrible|horrible|awful|worst|dreadful|furious|rip[- ]?off|ripped off|scam(?:med)?|ruined|useless|nightmare|"
        "rude(?:ly)?|never again|fed up|let down|waste of (?:time|money)|demand (?:a |my )?(?:refund|compensation)|"
        "(?:want|need) my money back|legal action|lawyer|sue you|overcharged|unprofessional|incompetent|ignored|lied"
    ),
    1: (
        "disappoint(?:ed|ing|ment)|unhappy|angry|upset|annoy(?:ed|ing)|frustrat(?:ed|ing|ion)|dissatisfied|poor|bad(?:ly)?|"
        "dirty|filthy|broken|damaged|lost|missing|late|delay(?:ed|s)?|cancel(?:led|ed)|slow|wrong|refund|compensation|"
        "still waiting|no (?:answer|reply|response|explanation|help)|nobody|no one|unhelpful|mistake|problem|"
        "refused?|failed|stranded"
    ),
}
CHINESE: Final = {
    2: (
        "投诉|举报|差评|维权|太差|很差|极差|差劲|糟糕|糟透|恶劣|气愤|愤怒|生气|气死|坑人|坑爹|骗人|欺骗|骗子|垃圾|"
        "无法接受|不能接受|难以接受|忍无可忍|再也不(?:会|来|坐|买|用)|要求(?:退款|赔偿|道歉)|曝光|消协|12315|12326|"
        "起诉|律师|推卸责任|不负责任|不理人|没人(?:管|理)|敷衍|忽悠|乱收费|多收|态度差|失望透顶|非常失望|太失望|野蛮"
    ),
    1: (
        "失望|不满|不高兴|不开心|郁闷|着急|延误|晚点|取消|丢失|丢了|损坏|破损|弄坏|坏了|脏|冷冰冰|慢|等了|一直等|"
        "没有?(?:回复|答复|解释|说法)|不回复|打不通|退款|赔偿|错误|弄错|问题|麻烦|浪费|拒绝|拖延|态度"
    ),
}
# what stands right before a word and turns it round
_ENGLISH_NOT: Final = re.compile(
    r"(?:\b(?:no|not|never|without|hardly|isn't|wasn't|aren't|weren't|don't|didn't|doesn't|can't|cannot|won't|nothing)\b"
    r"(?: (?:a|an|the|any|at all|be|been|to|have|had|so|too|that|really|very|my|in the least)\b)*[ ]*)$"
)
_CHINESE_NOT: Final = re.compile(
    r"(?:不|没|没有|并不|并未|未|从不|毫不|不是|不算|不会|不想|不用|无需|无|别)(?:再|要|太|很|是|有|任何|觉得|感到|那么|什么)?$"
)
# words that hold a no and mean it, so that nothing before them turns them round a second time
_MEANT: Final = re.compile(r"^(?:no |nobody|never again|still |再也不|不|无法|没|忍无可忍|难以)")
_THANKS: Final = re.compile(
    r"\b(?:thank(?:s| you)|great|excellent|wonderful|perfect|solved|resolved)\b"
    r"|谢谢|感谢|满意|很好|非常好|解决了|表扬|点赞"
)
_PATTERNS: Final = tuple(
    (re.compile(rf"\b(?:{english})\b|(?:{chinese})"), weight)
    for weight, english, chinese in ((weight, ENGLISH[weight], CHINESE[weight]) for weight in (2, 1))
)
ENOUGH: Final = 2


def complaint(text: str) -> Reading:
    """Whether somebody complains. A word that is denied right before it does not count, thanks weigh against one."""
    plain = text.lower().replace("\u2019", "'")
    spoke: dict[str, int] = {}
    for word, weight in _spoken(plain):
        spoke.setdefault(word, weight)
    weight = sum(spoke.values()) - (1 if _THANKS.search(plain) and not _denied_thanks(plain) else 0)
    if weight < ENOUGH:
        return SILENT
    return Reading(says=True, confidence=round(1 - 0.5 ** (weight - 1), 4), words=tuple(spoke))


def _denied_thanks(text: str) -> bool:
    return all(_denied(text, found.start(), found.group()) for found in _THANKS.finditer(text))


def _spoken(text: str) -> Iterator[tuple[str, int]]:
    taken: list[tuple[int, int]] = []
    for pattern, weight in _PATTERNS:
        for found in pattern.finditer(text):
            start, end = found.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue  # part of a graver word
            taken.append((start, end))
            if not _denied(text, start, found.group()):
                yield found.group(), weight


def _denied(text: str, start: int, word: str) -> bool:
    if _MEANT.match(word):
        return False
    before = text[max(0, start - 40) : start]
    return bool((_ENGLISH_NOT if word[0].isascii() else _CHINESE_NOT).search(before))


READERS: Final[dict[str, Reader]] = {"complaint": complaint}
"""What a standard's `says` may ask for -> who reads texts for it."""
