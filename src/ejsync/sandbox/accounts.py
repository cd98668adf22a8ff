"""Who may sign in to the simulated ElJur, and what each account may read.

Rights are worked out from the journal on every call, so that a pupil who leaves or moves class changes them at once.

| profile   | what the accounts add up to                                                                         |
|-----------|-----------------------------------------------------------------------------------------------------|
| `full`    | the service account reads every class, a bridge account each class's pupils, five parents their own  |
| `partial` | every third class has no bridge: in the first of these a third of the parents gave their accounts,   |
|           | in the others nobody, and the last lacks `gethomework` for the service account; one bridge lacks     |
|           | `getfinalassessments`, one `getdiary`                                                                |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
FULL, PARTIAL = "full", "partial"

Right: TypeAlias = tuple[str, str]
"""A method, and the class name or pupil id that it may be called for."""

_PARENTS = 5
_EVERY_NTH_PARENT = 3
_FIRST_ACCOUNT_ID = 9001
_ALPHABET = "abcdefghkmnpqrstuvwxyz23456789"
_SECRET_LENGTH = 14
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщэюя"
_LATIN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch eh yu ya".split(" ")  # noqa: SIM905 - in step with the row above


@dataclass(frozen=True, slots=True)
class Account:
    """One account and the rights it has now.

    Attributes:
        token: A ready-made token, as one from elsewhere would be; good until tokens expire.
        forms: Classes related to, by the names they had when the school was invented: accounts move up with them.
        children: Pupils related to for good.
        whole_class: Whether the account relates to every pupil of its classes.
        pupil_methods: What it may call for the pupils whom it relates to.
        denied: Methods taken away, with the class name or pupil id.
        granted: Methods given besides, likewise.
    """

    id: str
    login: str
    password: str
    token: str
    role: str
    title: str
    forms: tuple[str, ...]
    class_methods: tuple[str, ...]
    children: tuple[str, ...] = ()
    whole_class: bool = False
    pupil_methods: tuple[str, ...] = PUPIL_METHODS
    denied: set[Right] = field(default_factory=set, hash=False)
    granted: set[Right] = field(default_factory=set, hash=False)

    def pupils(self, book: Rollbook) -> list[Pupil]:
        """The pupils whom this account may read something of now."""
        return [pupil for pupil in self._related(book) if self.pupil_rules(book, pupil)]

    def classes(self, book: Rollbook) -> list[str]:
        """The classes that the account may read something of now: a parent's are those of the children."""
        related = dict.fromkeys(
            [*self._own_classes(book), *(whose for _, whose in self.granted if whose in book.forms)]
        )
        return [form for form in related if self.class_rules(book, form)]

    def pupil_rules(self, book: Rollbook, pupil: Pupil) -> list[str]:
        """The methods allowed for a pupil, as `getrules` lists them."""
        usual = self.pupil_methods if self._relates_to(book, pupil) else ()
        return [method for method in PUPIL_METHODS if self._has((method, pupil.id), own=method in usual)]

    def class_rules(self, book: Rollbook, form: str) -> list[str]:
        """The methods allowed for a class, as `getrules` lists them."""
        usual = self.class_methods if form in self._own_classes(book) else ()
        return [method for method in SERVICE_METHODS if self._has((method, form), own=method in usual)]

    def _has(self, right: Right, *, own: bool) -> bool:
        return (own or right in self.granted) and right not in self.denied

    def _relates_to(self, book: Rollbook, pupil: Pupil) -> bool:
        return pupil.id in self.children or (self.whole_class and pupil.form in book.heirs_of(self.forms))

    def _related(self, book: Rollbook) -> list[Pupil]:
        given = {whose for _, whose in self.granted}
        if self.whole_class:
            forms = set(book.heirs_of(self.forms))
            return [pupil for pupil in book.pupils.values() if pupil.form in forms or pupil.id in given]
        return [book.pupils[one] for one in dict.fromkeys([*self.children, *sorted(given)]) if one in book.pupils]

    def _own_classes(self, book: Rollbook) -> list[str]:
        if not self.children:
            return book.heirs_of(self.forms)
        return list(dict.fromkeys(book.pupils[child].form for child in self.children if child in book.pupils))


class _Draft(NamedTuple):
    """An account before it has an id and a password."""

    login: str
    role: str
    title: str
    forms: tuple[str, ...]
    class_methods: tuple[str, ...] = CLASS_METHODS
    children: tuple[str, ...] = ()
    whole_class: bool = False
    pupil_methods: tuple[str, ...] = PUPIL_METHODS


def invent_accounts(book: Rollbook, *, rights: str = FULL) -> list[Account]:
    """The service account, bridge accounts for classes and some parents, by one of the profiles."""
    rng = Random(f"{book.seed}/accounts")
    # Drawn before the profile is looked at: the families are the same in both.
    families = _families(rng, list(book.pupils))
    bridged = [_bridge(form) for form in book.forms]
    if rights == PARTIAL:
        unread = book.forms[2::3] or book.forms[1:]
        bridged = _curtailed([bridge for bridge in bridged if bridge.forms[0] not in unread])
        families += [(pupil.id,) for form in unread[:1] for pupil in book.members(form)[::_EVERY_NTH_PARENT]]
    parents = [
        _Draft(f"parent-{number}", "parent", f"Родитель {number}", (), children=children)
        for number, children in enumerate(families, 1)
    ]
    service = _Draft("service", "administrator", "Служебная запись", tuple(book.forms), SERVICE_METHODS)
    accounts = [
        Account(id=str(number), password=_password(rng), token=_token(book, draft.login), **draft._asdict())
        for number, draft in enumerate([service, *bridged, *parents], _FIRST_ACCOUNT_ID)
    ]
    if rights == PARTIAL:
        accounts[0].denied.update(("gethomework", form) for form in unread[-1:])
    return accounts


def _bridge(form: str) -> _Draft:
    return _Draft(f"bridge-{latin(form)}", "helper", f"Мост {form}", (form,), whole_class=True)


def _curtailed(bridges: list[_Draft]) -> list[_Draft]:
    """The bridges with one that may not read finals and one that may not read the diary."""
    curtailed = list(bridges)
    for place, missing in ((1, "getfinalassessments"), (2, "getdiary")):
        # A school of few classes has few bridges: then one of them lacks both.
        at = place % len(curtailed)
        left = tuple(method for method in curtailed[at].pupil_methods if method != missing)
        curtailed[at] = curtailed[at]._replace(pupil_methods=left)
    return curtailed


def latin(form: str) -> str:
    """A class name in Latin letters, for a login: `10a` for `10А`."""
    letters = dict(zip(_CYRILLIC, _LATIN, strict=True))
    return "".join(letters.get(character, character) for character in form.lower())


def _families(rng: Random, pupil_ids: list[str]) -> list[tuple[str, ...]]:
    wanted = [1 + number % 2 for number in range(_PARENTS)]
    # Drawn anew for each parent, so a child may have two: rights that overlap must be coped with.
    return [tuple(rng.sample(pupil_ids, min(size, len(pupil_ids)))) for size in wanted]


def _token(book: Rollbook, login: str) -> str:
    # A source of its own: passwords stay what they were before accounts had ready-made tokens.
    return f"{Random(f'{book.seed}/token/{login}').getrandbits(160):040x}"


def _password(rng: Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=_SECRET_LENGTH))
