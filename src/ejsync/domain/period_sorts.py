"""What a period is for: a part of the school year, the year, or an examination.

ElJur says none of it: a period has an id, a free title and, mostly, its days (fact sheet, section 3). Schools write it
into the title. The words of an examination go first (годовой экзамен), then those of a part (итоги полугодия), then
those of the year; without any a period of more than half a year is the year. What says nothing is taken for a part.
"""

import re
from enum import StrEnum

from ejsync.domain.office import WHOLE_YEAR
from ejsync.domain.payloads import Period
from ejsync.domain.school_days import is_called

_EXAMINATION = re.compile(r"экз|\b(огэ|егэ|гвэ|гиа)\b|итогов\w* аттестаци|exam|\bekz")
_PART = re.compile(r"четверт|полугод|триместр|модул|chetvert|polugod|trimest|quarter")
_YEAR = re.compile(r"\bгод|\bитог|\byear|\bgod")


class PeriodSort(StrEnum):
    """What the results of a period are."""

    PART = "part"
    YEAR = "year"
    EXAMINATION = "examination"


def sort_of(period: Period) -> PeriodSort:
    """Say what a period is for, by the words of its title and id, else by how long it lasts."""
    words = f"{period['title']} {period['period']}".casefold()
    if _EXAMINATION.search(words):
        return PeriodSort.EXAMINATION
    if _PART.search(words):
        return PeriodSort.PART
    return PeriodSort.YEAR if _YEAR.search(words) or is_called(period, WHOLE_YEAR) else PeriodSort.PART
