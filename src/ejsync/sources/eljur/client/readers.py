"""Readers: which of a school's accounts reads what of whom (fact sheet, section 1, “Who may read what”)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ejsync.sources.eljur.client.rights import Rights

RECEIVERS = "getmessagereceivers"
_ADMINISTRATOR = "administrator"
_FAMILY = frozenset({"parent", "student"})
_STAFF = frozenset({_ADMINISTRATOR, "teacher", "helper"})


def sees_whole_school(rights: Rights) -> bool:
    """Tell whether an account's list of people is the school's: an administrator's, or granted by name to no family."""
    family = bool(rights.roles) and rights.roles <= _FAMILY
    return _ADMINISTRATOR in rights.roles or (rights.mentions(RECEIVERS) and not family)


def roster_reader(rights: Sequence[Rights], refused: frozenset[str] = frozenset()) -> Rights:
    """Choose who reads the list of people: granted by name, administrator, most classes, first in the settings.

    Whoever was refused gives way to other staff; a family's account sees a part only and reads where nobody else is.
    """
    staff = [one for one in rights if one.mentions(RECEIVERS) or one.roles & _STAFF]
    willing = [one for one in staff if one.account not in refused]
    return max(
        willing or staff or rights,
        key=lambda one: (
            sees_whole_school(one),
            one.mentions(RECEIVERS),
            _ADMINISTRATOR in one.roles,
            len(one.classes),
        ),
    )


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read what of whom, by the rights of every account that works."""

    rights: Sequence[Rights]

    def of_class(self, method: str, name: str) -> str | None:
        """Return the account that reads a method of a class, the first in the settings; None where nobody may."""
        return next((one.account for one in self.rights if one.may_class(method, name)), None)

    def of_any_pupil(self, method: str, pupils: Sequence[str]) -> tuple[str, str] | None:
        """Return an account and the first of these pupils whom it may read; None where nobody may read any."""
        return next(
            ((one.account, pupil) for one in self.rights for pupil in pupils if one.may_pupil(method, pupil)), None
        )

    def of_pupils(self, methods: Sequence[str], pupils: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return method and account by pupil: the first method that is granted, by whoever reads most of them."""
        found: dict[str, tuple[str, str]] = {}
        for method in methods:
            for one in sorted(self.rights, key=lambda rights: -sum(rights.may_pupil(method, who) for who in pupils)):
                found |= {
                    who: (method, one.account) for who in pupils if who not in found and one.may_pupil(method, who)
                }
        return {who: found[who] for who in pupils if who in found}
