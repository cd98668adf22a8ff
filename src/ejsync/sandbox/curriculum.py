"""What the invented school teaches at which level, and how many lessons a week.

Names are spelled as a journal spells them, with a stray double space and an HTML entity left in on purpose.
"""

from __future__ import annotations

ENGLISH = "Англ. яз."
CANCELLED = "Cancel"

_PRIMARY = {
    "Русский язык": 5,
    "Литературное чтение": 4,
    "Математика": 4,
    "Окружающий мир": 2,
    "Физическая  культура": 2,
    "Музыка": 1,
    "Труд (технология)": 1,
    "Изобразительное искусство": 1,
}
_ENGLISH_PRIMARY = {ENGLISH: 2}
_MIDDLE = {
    "Русский язык": 4,
    "Литература": 3,
    ENGLISH: 3,
    "История": 2,
    "Обществознание": 1,
    "География": 2,
    "Биология": 2,
    "Физическая  культура": 2,
    "Основы безопасности &amp; защиты Родины": 1,
}
# Hours stay within 35 a week and 5 a subject, so that a week of 5 days of at most 7 lessons always works out.
_BY_LEVEL: dict[int, dict[str, int]] = {
    5: {"Математика": 5, "Музыка": 1, "Изобразительное искусство": 1, "Труд (технология)": 2},
    6: {"Математика": 5, "Музыка": 1, "Изобразительное искусство": 1, "Труд (технология)": 2},
    7: {"Алгебра": 3, "Геометрия": 2, "Физика": 2, "Информатика": 1, "Труд (технология)": 1},
    8: {"Алгебра": 3, "Геометрия": 2, "Физика": 2, "Химия": 2, "Информатика": 1},
    9: {"Алгебра": 3, "Геометрия": 2, "Физика": 3, "Химия": 2, "Информатика": 1},
    10: {"Алгебра": 4, "Геометрия": 2, "Физика": 3, "Химия": 2, "Информатика": 2},
    11: {"Алгебра": 4, "Геометрия": 2, "Физика": 3, "Химия": 2, "Астрономия": 1, "Информатика": 2},
}
_ENGLISH_FROM = 2
_MIDDLE_FROM = 5


def weekly_hours(level: int) -> dict[str, int]:
    """Lessons a week by subject at this level (1 to 11), the heaviest subject first."""
    if level < _MIDDLE_FROM:
        hours = {**_PRIMARY, **(_ENGLISH_PRIMARY if level >= _ENGLISH_FROM else {})}
    else:
        hours = {**_MIDDLE, **_BY_LEVEL[level]}
    return dict(sorted(hours.items(), key=lambda item: -item[1]))
