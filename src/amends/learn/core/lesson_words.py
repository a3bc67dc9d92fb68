"""The words of a lesson: what kind of change answers a cause, by the quality gap and by who is responsible.

The five gaps are those of the service quality model (Parasuraman, Zeithaml & Berry 1985), as the taxonomy names them.
"""

from typing import Final

from amends.kernel.text import Localised

BY_GAP: Final[dict[str, Localised]] = {
    "knowledge": Localised(
        en="We did not know well enough what customers expect here. Ask those who were hit, and those who serve them, "
        "before changing anything.",
        zh="我们对顾客在这一环节的期望了解不够。改动之前，先听听受影响的顾客和一线员工怎么说。",
    ),
    "standards": Localised(
        en="The standard does not fit what customers expect or what we can keep. Write a promise that can be kept and "
        "checked, and give it an owner.",
        zh="现行标准与顾客的期望或我们的能力不相符。请制定做得到、查得清的承诺，并明确责任人。",
    ),
    "delivery": Localised(
        en="The standard is right, but it is not kept. Look at what keeping it needs at this step: people, time, "
        "equipment, and leave to act.",
        zh="标准本身没有问题，只是没有做到。请检查这一环节所需的人手、时间、设备和授权是否到位。",
    ),
    "communication": Localised(
        en="We promised more than we delivered, or said it too late. Bring what is announced into line with what "
        "happens, and tell customers before they have to ask.",
        zh="我们承诺得太多，或告知得太晚。请让对外的说法与实际一致，并在顾客询问之前主动说明。",
    ),
    "perception": Localised(
        en="The service was given, but customers did not see it so. Show what is being done for them while it is "
        "being done.",
        zh="服务已经提供，顾客却没有感受到。请在服务过程中让顾客看到我们正在为他们做什么。",
    ),
}

BY_RESPONSIBLE: Final[dict[str, Localised]] = {
    "person": Localised(
        en="Start with people: training, staffing at the worst hours, and support for those who face the customer.",
        zh="从人员入手：加强培训，在高发时段增加人手，并支持直接面对顾客的员工。",
    ),
    "process": Localised(
        en="Start with the process: find the hand-over or the wait where time is lost, and change that first.",
        zh="从流程入手：找出耽误时间的交接或等待环节，先改这一处。",
    ),
    "product": Localised(
        en="Start with the product: take what fails out of use or out of the offer until it has been corrected.",
        zh="从产品入手：在改正之前，先停用或停售出问题的部分。",
    ),
    "technology": Localised(
        en="Start with the technology: fix or replace what breaks, and have a way to go on without it.",
        zh="从技术入手：修复或更换故障部件，并准备好没有它时的替代办法。",
    ),
    "communication": Localised(
        en="Start with the communication: decide who tells the customer what, by when, and over which channel.",
        zh="从沟通入手：明确由谁、在什么时限内、通过什么渠道、告知顾客什么。",
    ),
    "supplier": Localised(
        en="Start with the supplier: agree what they owe us and how it is checked, and claim back what their "
        "failures cost.",
        zh="从供应商入手：约定服务标准和检查办法，并就其失误造成的损失进行追偿。",
    ),
    "customer": Localised(
        en="Customers contribute to it: make the right way the easy way, with clearer guidance and a check beforehand.",
        zh="顾客自身也有影响：通过更清楚的指引和事前确认，让正确的做法成为最省事的做法。",
    ),
    "external": Localised(
        en="The cause lies outside: it can't be prevented, but it can be prepared for. Warn earlier, keep substitutes "
        "ready, and let the playbook start at the warning.",
        zh="原因来自外部：无法避免，但可以预先准备。请更早预警，备好替代方案，并让预案在预警时就启动。",
    ),
}

RESPONSIBLE: Final[dict[str, Localised]] = {
    "person": Localised(en="our people", zh="人员"),
    "process": Localised(en="our process", zh="流程"),
    "product": Localised(en="our product", zh="产品"),
    "technology": Localised(en="our technology", zh="技术"),
    "communication": Localised(en="our communication", zh="沟通"),
    "supplier": Localised(en="a supplier", zh="供应商"),
    "customer": Localised(en="the customer", zh="顾客"),
    "external": Localised(en="outside causes", zh="外部因素"),
}

CONFIDENCE: Final[dict[str, Localised]] = {
    "low": Localised(en="a rough estimate", zh="粗略估算"),
    "medium": Localised(en="an estimate", zh="估算"),
    "high": Localised(en="well founded", zh="依据充分"),
}

TITLE: Final = Localised(en="{kind}: {failures}, {cost}", zh="{kind}：{failures} 起失误，损失{cost}")
NUMBERS: Final = Localised(
    en="From {since} to {until} (whole days), “{kind}” at the step “{step}” happened {times} and hit {customers}. "
    "Its cost is {cost} ({confidence}), {share} of all cost of failure in this time.",
    zh="{since}至{until}（整日计），“{step}”环节发生“{kind}”{times} 起，影响顾客 {customers} 人，"
    "损失{cost}（{confidence}），占同期失误总成本的{share}。",
)
BESIDE: Final = Localised(
    en="Beside that, remedies were given in other currencies: {sums}.",
    zh="此外还以其他币种给予补偿：{sums}。",
)
ATTRIBUTED: Final = Localised(
    en="It is put down to {responsible}. {preventable}; {recurring}.",
    zh="原因归于{responsible}。{preventable}，{recurring}。",
)
PREVENTABLE: Final[dict[str, Localised]] = {
    "all": Localised(en="We could have prevented all of it", zh="这些失误本来都可以避免"),
    "none": Localised(en="We could not have prevented any of it", zh="这些失误都不是我们所能避免的"),
    "some": Localised(en="We could have prevented {share} of it", zh="其中{share}本可避免"),
}
RECURRING: Final[dict[str, Localised]] = {
    "all": Localised(en="the cause is one that comes back", zh="其原因会反复出现"),
    "none": Localised(en="the cause is a passing one", zh="其原因是一时的"),
    "some": Localised(en="in {share} of the failures the cause is one that comes back", zh="{share}的原因会反复出现"),
}
REASON: Final = Localised(en="The reason on record most often: “{reason}”", zh="最常记录的原因：“{reason}”")
ABOUT: Final = Localised(en="about {cost}", zh="约{cost}")
PLACES: Final = Localised(en="It happened most often at {places}.", zh="最常发生在{places}。")
HOURS: Final = Localised(en="The worst hours are {hours}.", zh="高发时段为{hours}。")
EXAMPLES: Final = Localised(en="Look at {examples} first.", zh="建议先查看{examples}。")
INCIDENT: Final = Localised(en="incident {id}", zh="群体事件 {id}")
FAILURE: Final = Localised(en="failure {id}", zh="服务失误 {id}")
PLACE: Final = Localised(en="{name} ({failures})", zh="{name}（{failures} 起）")
