"""Rights: which account may read what, by `getrules` (fact sheet, section 1, “Who may read what”)."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ejsync.errors import ContractViolation
from ejsync.pipeline.ports import Surroundings
from ejsync.sources.eljur.client.keepsakes import instant
from ejsync.sources.eljur.client.signin import Session
from ejsync.sources.eljur.mapping.tidy import Json, as_object, keyed, scalar, text

_METHOD = "getrules"
_KEPT = "rights"
_GOOD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one account may read: methods by pupil id and by class name, in lower case."""

    account: str
    roles: frozenset[str]
    pupils: Mapping[str, frozenset[str]]
    classes: Mapping[str, frozenset[str]]

    def may_pupil(self, method: str, pupil: str) -> bool:
        """Tell whether a method may be called for a pupil."""
        return method in self.pupils.get(pupil, ())

    def may_class(self, method: str, name: str) -> bool:
        """Tell whether a method may be called for a class."""
        return method in self.classes.get(name, ())

    def mentions(self, method: str) -> bool:
        """Tell whether a method is listed for anyone at all."""
        return any(method in rules for held in (self.pupils, self.classes) for rules in held.values())


def parse_rights(account: str, result: Any) -> Rights:
    """Read the answer of `getrules`."""
    relations = as_object(as_object(result).get("relations"))
    return Rights(
        account,
        _words(as_object(result).get("roles")),
        {pupil: _words(held.get("rules")) for pupil, held in keyed(relations.get("students"))},
        {text(name) or name: _words(held.get("rules")) for name, held in keyed(relations.get("groups"))},
    )


def _words(value: Any) -> frozenset[str]:
    words = (scalar(item) for item in as_object(value).values())
    return frozenset(word.lower() for word in words if word)


class RightsBook:
    """The rights of one account, asked for at most once an hour, by whatever run or process."""

    def __init__(self, account: str, session: Session, around: Surroundings) -> None:
        self._account, self._session = account, session
        self._clock, self._contracts = around.clock, around.contracts
        self._lock = threading.Lock()
        self._known: tuple[datetime, Rights] | None = None

    def rights(self) -> Rights:
        """Return the account's rights, as they were within the last hour.

        Raises:
            SourceError: they cannot be read.
            ContractViolation: the answer is not shaped as `contracts/eljur/v1/getrules`.
        """
        with self._lock:
            if not self._is_good():
                self._known = self._kept()
            return self._known[1] if self._known and self._is_good() else self._asked()

    def refresh(self) -> Rights:
        """Ask for the rights now, however well they are known.

        Raises:
            SourceError: they cannot be read.
            ContractViolation: the answer is not shaped as `contracts/eljur/v1/getrules`.
        """
        with self._lock:
            return self._asked()

    def _is_good(self) -> bool:
        return self._known is not None and timedelta(0) <= self._clock.now() - self._known[0] < _GOOD_FOR

    def _kept(self) -> tuple[datetime, Rights] | None:
        kept = self._session.keepsakes.recall(_KEPT, self._session.proof())
        at = instant(kept["at"]) if kept else None
        return (at, _recalled(self._account, kept)) if kept and at else None

    def _asked(self) -> Rights:
        result = self._session.call(_METHOD, {}).result
        contract = f"eljur/v1/{_METHOD}"
        if pointers := self._contracts.faults(contract, result):
            raise ContractViolation(contract=contract, pointers=masked(pointers))
        found, at = parse_rights(self._account, as_object(result)), self._clock.now()
        self._known = (at, found)
        self._session.keepsakes.keep(_KEPT, self._session.proof(), at=at, **_written(found))
        return found


def _written(rights: Rights) -> Json:
    held = {"pupils": rights.pupils, "classes": rights.classes}
    lists = {name: {one: sorted(words) for one, words in rules.items()} for name, rules in held.items()}
    return {"roles": sorted(rights.roles), **lists}


def _recalled(account: str, kept: Json) -> Rights:
    pupils, classes = ({one: frozenset(words) for one, words in kept[name].items()} for name in ("pupils", "classes"))
    return Rights(account, frozenset(kept["roles"]), pupils, classes)


def masked(pointers: tuple[str, ...]) -> tuple[str, ...]:
    """Replace ids, positions and names in JSON pointers by `*`, and name each place once."""
    return tuple(sorted({"/".join(map(_masked_step, pointer.split("/"))) for pointer in pointers}))


def _masked_step(step: str) -> str:
    known = step.isascii() and step.replace("_", "").isalpha() and step.islower()
    return step if known or not step else "*"
