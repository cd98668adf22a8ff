"""Rights taken and given while the simulated ElJur runs, as a school's administrator would.

A document is `{"op": "revoke" or "grant", "account", "method"?}` with one of `class` (what a class's own rules list),
`pupil` (an id) and `pupils_of` (a class: each of its pupils now). Without `method` it means all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.accounts import PUPIL_METHODS, SERVICE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ejsync.sandbox.accounts import Account, Right
    from ejsync.sandbox.rollbook import Rollbook

_OPERATIONS = ("grant", "revoke")


class RightsError(ValueError):
    """A document that names no account, class, pupil or method of this journal."""


def change_rights(book: Rollbook, accounts: Iterable[Account], document: object) -> None:
    """Take rights from an account, or give them.

    Raises:
        RightsError: Nothing was changed, because the document makes no sense here.
    """
    if not isinstance(document, Mapping) or document.get("op") not in _OPERATIONS:
        raise RightsError("op is grant or revoke")
    account = next((one for one in accounts if one.login == document.get("account")), None)
    if account is None:
        raise RightsError("no such account")
    meant = _meant(book, document)
    gained, lost = (account.granted, account.denied) if document["op"] == "grant" else (account.denied, account.granted)
    gained |= meant
    lost -= meant


def rights_shown(book: Rollbook, accounts: Iterable[Account]) -> dict[str, Any]:
    """The methods that every account may call now: by login, for each class and each pupil id."""
    return {
        account.login: {
            "classes": {form: account.class_rules(book, form) for form in account.classes(book)},
            "pupils": {pupil.id: account.pupil_rules(book, pupil) for pupil in account.pupils(book)},
        }
        for account in accounts
    }


def _meant(book: Rollbook, document: Mapping[str, Any]) -> set[Right]:
    by_class = "class" in document
    known = SERVICE_METHODS if by_class else PUPIL_METHODS
    methods = [document["method"]] if "method" in document else known
    if not set(methods) <= set(known):
        raise RightsError(f"no such method; known are {', '.join(known)}")
    owners = _owners(book, document)
    if not owners:
        raise RightsError("name a class, a pupil or pupils_of a class of this journal")
    return {(method, owner) for method in methods for owner in owners}


def _owners(book: Rollbook, document: Mapping[str, Any]) -> list[str]:
    if "class" in document:
        return [form for form in book.forms if form == document["class"]]
    if "pupil" in document:
        return [pupil for pupil in book.pupils if pupil == str(document["pupil"])]
    return [pupil.id for pupil in book.members(str(document.get("pupils_of")))]
