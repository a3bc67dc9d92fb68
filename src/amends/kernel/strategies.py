"""The four strategies of recovery (Fitzsimmons, recalled), in words: each playbook names the one that it follows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amends.kernel.text import Localised

STRATEGIES: Final[Mapping[str, Localised]] = MappingProxyType(
    {
        "case_by_case": Localised(
            en="Case by case: each complaint is looked at for itself. Apt where every case is different; to keep "
            "it fair, "
            "equal facts still get equal offers.",
            zh="逐案处理：每个案件单独判断。适合情况各不相同的失误；为保证公平，同样的情况仍给予同样的补救。",
        ),
        "systematic": Localised(
            en="Systematic response: one prepared answer for everyone whom the same failure hit, at once and alike.",
            zh="系统响应：对受同一失误影响的所有顾客，立即采用同一套预先准备的补救措施。",
        ),
        "early_intervention": Localised(
            en="Early intervention: we act while the failure is still happening, before it reaches or hurts the "
            "customer more.",
            zh="提前干预：在失误仍在发生、尚未造成更大影响之前就采取措施。",
        ),
        "substitute": Localised(
            en="Substitute service: what was promised cannot be had, so the customer gets something as good, "
            "from us or from "
            "another provider.",
            zh="替代服务：原先承诺的服务已无法提供，因此由我们或其他服务商提供同等的替代。",
        ),
    }
)
