"""Quirks of ElJur's answers (fact sheet, section 5): each changes how an answer is written and never what it says.

| switch              | what an answer shows                                                                  |
|---------------------|---------------------------------------------------------------------------------------|
| `duplicate_rows`    | a lesson's or homework's row twice, those of subgroups above all                      |
| `same_person_twice` | people, and rows of classes, twice in the receivers' list                             |
| `yo`                | `е` where `ё` is meant, here and there                                                |
| `stray_spaces`      | double spaces, tabs and HTML entities in names and comments                           |
| `scalar_drift`      | numbers as text and the reverse, the envelope's `state` among them                    |
| `ambigious`         | the flag as a bool, a text or null                                                    |
| `mtype`             | what an absence has for a kind of work: null, nothing, or a list                      |
| `no_patronymic`     | a missing patronymic left out, empty, blank, null or a list                           |
| `ambiguous_periods` | bounds and weeks that a period lacks left out, empty, null or a list                  |
| `day_spellings`     | days as `YYYYMMDD` and as `YYYY-MM-DD`                                                |
| `integer_ids`       | ids as integers, and the reverse                                                      |
| `empty_answers`     | who and what has nothing left out or written as nothing; homework's empty days listed |
| `unknown_keys`      | keys nobody knows, before and behind known ones                                       |
| `students_list`     | `students` as a list, or keyed by id where it is a list                               |
| `lists_and_objects` | lists as objects keyed "0", "1", …, and the reverse                                   |
| `php_empty`         | empty containers as `[]`, `{}`, null or absent                                        |

They are applied in this order, so that copies of a row drift apart and what is rewritten is still known by its shape.
Long names, the third of item 6, are no switch: the invented school has them from 100 pupils.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from ejsync.sandbox import quirks_of_rows, quirks_of_shapes, quirks_of_values
from ejsync.sandbox.quirks_ground import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

QUIRKS: Mapping[str, Callable[[Told], None]] = {
    "duplicate_rows": quirks_of_rows.duplicate_rows,
    "same_person_twice": quirks_of_rows.same_person_twice,
    "yo": quirks_of_values.yo,
    "stray_spaces": quirks_of_values.stray_spaces,
    "scalar_drift": quirks_of_values.scalar_drift,
    "ambigious": quirks_of_values.ambigious,
    "mtype": quirks_of_values.mtype,
    "no_patronymic": quirks_of_values.no_patronymic,
    "ambiguous_periods": quirks_of_values.ambiguous_periods,
    "day_spellings": quirks_of_values.day_spellings,
    "integer_ids": quirks_of_values.integer_ids,
    "empty_answers": quirks_of_rows.empty_answers,
    "unknown_keys": quirks_of_rows.unknown_keys,
    "students_list": quirks_of_shapes.students_list,
    "lists_and_objects": quirks_of_shapes.lists_and_objects,
    "php_empty": quirks_of_shapes.php_empty,
}
"""Every switch, in the order of application."""
ALL = "all"

# What says who asks and not what is asked: an answer must not depend on it.
_CREDENTIALS = frozenset({"auth_token", "devkey", "login", "password", "vendor", "out_format"})


class UnknownQuirkError(ValueError):
    """A switch that does not exist; the message lists those that do."""


class Quirks:
    """The switches that are on; the same seed, switches and question give the same bytes."""

    def __init__(self, *, seed: int, names: Iterable[str] = ()) -> None:
        self._seed = seed
        self._on = chosen(names)

    @property
    def names(self) -> tuple[str, ...]:
        """The switches that are on, in the order of application."""
        return self._on

    def switch(self, names: Iterable[str]) -> None:
        """Turn on these and no others.

        Raises:
            UnknownQuirkError: One of them does not exist; nothing is changed.
        """
        self._on = chosen(names)

    def told(self, method: str, params: Mapping[str, str], result: object) -> tuple[int | str, Any]:
        """The envelope's `state` and the `result` of a good answer, as these quirks write it."""
        if not self._on:
            return 200, result
        question = sorted((name, value) for name, value in params.items() if name not in _CREDENTIALS)
        # Through JSON, so that the journal's own objects stay as they are and dates are text.
        told = Told(method, orjson.loads(orjson.dumps(result)))
        for name in self._on:
            # A source of its own for each switch: turning another one on does not change what this one does.
            told.rng = Random(f"{self._seed}/{name}/{method}/{question}")
            QUIRKS[name](told)
        return told.state, told.tree


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The switches meant, in the order of application; `all` means every one.

    Raises:
        UnknownQuirkError: One of them does not exist.
    """
    wanted = set(names)
    if wanted - {ALL, *QUIRKS}:
        raise UnknownQuirkError(f"unknown quirk; known are {', '.join([*QUIRKS, ALL])}")
    return tuple(name for name in QUIRKS if name in wanted or ALL in wanted)
