"""Why an act on standards or back-tests cannot be done, in words for whoever tried it."""

from amends.kernel.text import Localised


class NotDone(ValueError):
    """Nothing was changed, and the sentence says why, in both languages."""

    def __init__(self, said: Localised) -> None:
        self.said = said
        super().__init__(said.en)
