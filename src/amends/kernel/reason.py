"""Why an automatic choice was made (Law 7): the rule's place in the pack, what went in, and words for a customer."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from amends.kernel.text import Localised


@dataclass(frozen=True, kw_only=True)
class Reason:
    """An explanation as a value; the blueprint store keeps it once, however many choices share it."""

    rule: str  # path in the pack, such as "taxonomy.kinds.slow.severity[2]"
    text: Localised
    inputs: Mapping[str, object] = field(default_factory=dict)

    def digest(self, version_id: int) -> str:
        """Equal for the same rule, inputs and words under the same version of the blueprint."""
        parts = [self.rule, self.text.en, self.text.zh, dict(self.inputs), version_id]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
