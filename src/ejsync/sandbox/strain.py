"""How the simulated ElJur bears many pupils in one request: slower with each, and up to so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ejsync.sandbox.question import Refused

_BROKEN_DOWN = "Внутренняя ошибка сервера"
_MS_A_SECOND = 1000.0


@dataclass(slots=True)
class Strain:
    """What a request for many pupils costs.

    Attributes:
        ms_per_pupil: How many milliseconds an answer takes for each pupil asked for.
        most_pupils: For how many pupils a request is still answered; 0 for any number.
    """

    ms_per_pupil: float = 0.0
    most_pupils: int = 0

    def delay_s(self, params: Mapping[str, str]) -> float:
        """How many seconds the answer to these parameters takes longer."""
        return pupils_asked(params) * self.ms_per_pupil / _MS_A_SECOND

    def change(self, document: object) -> None:
        """Set what the document names.

        Raises:
            ValueError: It names something else, or no number from 0.
        """
        known = {"ms_per_pupil", "most_pupils"}
        if not isinstance(document, Mapping) or not document.keys() <= known:
            raise ValueError(f"known are {', '.join(sorted(known))}")
        if any(type(value) not in {int, float} or value < 0 for value in document.values()):
            raise ValueError("a number from 0")
        for name, value in document.items():
            setattr(self, name, value)

    def check(self, params: Mapping[str, str]) -> None:
        """Break down under too many pupils.

        Raises:
            Refused: 500, the way a plain failure looks.
        """
        if 0 < self.most_pupils < pupils_asked(params):
            raise Refused(500, _BROKEN_DOWN)


def pupils_asked(params: Mapping[str, str]) -> int:
    """How many pupils a request names."""
    return sum(bool(part.strip()) for part in params.get("student", "").split(","))
