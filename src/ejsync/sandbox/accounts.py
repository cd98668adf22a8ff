"""Who may sign in to the simulated ElJur, and what each account may read.

Rights are worked out from the journal on every call, so that a pupil who leaves or moves class changes them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.rollbook import Rollbook

PUPIL_METHODS = (
    "getassessments",
    "getdiary",
    "getfinalassessments",
    "gethomework",
    "getmarks",
    "getperiods",
    "getschedule",
)
CLASS_METHODS = ("getschedule", "gethomework")
SERVICE_METHODS = (*CLASS_METHODS, "getreplaces", "getmessagereceivers")

_PARENTS = 5
_FIRST_ACCOUNT_ID = 9001
_ALPHABET = "abcdefghkmnpqrstuvwxyz23456789"
_SECRET_LENGTH = 14
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщэюя"
_LATIN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch eh yu ya".split(" ")  # noqa: SIM905 - in step with the row above


@dataclass(frozen=True, slots=True)
class Account:
    """One account: `forms` are classes, `children` pupils whom it relates to for good."""

    id: str
    login: str
    password: str
    role: str
    title: str
    forms: tuple[str, ...]
    class_methods: tuple[str, ...]
    children: tuple[str, ...] = ()
    whole_class: bool = False

    def pupils(self, book: Rollbook) -> list[Pupil]:
        """The pupils whom this account may read now."""
        if self.whole_class:
            return [pupil for pupil in book.pupils.values() if pupil.form in self.forms]
        return [book.pupils[child] for child in self.children if child in book.pupils]

    def classes(self, book: Rollbook) -> list[str]:
        """The classes that the account relates to now: a parent's are those of the children."""
        if not self.children:
            return list(self.forms)
        return list(dict.fromkeys(pupil.form for pupil in self.pupils(book)))

    def may(self, method: str, *, by_class: bool) -> bool:
        """Whether the account has any right to the method, for classes or for pupils."""
        # Staff rights over classes never extend to marks: nobody has seen ElJur give them so.
        if by_class:
            return method in self.class_methods
        return method in PUPIL_METHODS and (self.whole_class or bool(self.children))


class _Draft(NamedTuple):
    """An account before it has an id and a password."""

    login: str
    role: str
    title: str
    forms: tuple[str, ...]
    class_methods: tuple[str, ...] = CLASS_METHODS
    children: tuple[str, ...] = ()
    whole_class: bool = False


def invent_accounts(book: Rollbook) -> list[Account]:
    """The service account, a bridge account for each class and a few parents."""
    rng = Random(f"{book.seed}/accounts")
    forms = tuple(book.forms)
    drafts = [_Draft("service", "administrator", "Служебная запись", forms, SERVICE_METHODS)]
    drafts += [_Draft(f"bridge-{latin(form)}", "helper", f"Мост {form}", (form,), whole_class=True) for form in forms]
    for number, children in enumerate(_families(rng, list(book.pupils)), 1):
        drafts.append(_Draft(f"parent-{number}", "parent", f"Родитель {number}", (), children=children))
    return [
        Account(id=str(number), password=_password(rng), **draft._asdict())
        for number, draft in enumerate(drafts, _FIRST_ACCOUNT_ID)
    ]


def latin(form: str) -> str:
    """A class name in Latin letters, for a login: `10a` for `10А`."""
    letters = dict(zip(_CYRILLIC, _LATIN, strict=True))
    return "".join(letters.get(character, character) for character in form.lower())


def _families(rng: Random, pupil_ids: list[str]) -> list[tuple[str, ...]]:
    wanted = [1 + number % 2 for number in range(_PARENTS)]
    # Drawn anew for each parent, so a child may have two: rights that overlap must be coped with.
    return [tuple(rng.sample(pupil_ids, min(size, len(pupil_ids)))) for size in wanted]


def _password(rng: Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=_SECRET_LENGTH))
