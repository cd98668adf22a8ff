"""Consent: what a family has decided, and whether a pupil's results may leave at a given moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

_BEHIND = "/"  # no ElJur id has it


class Scope(StrEnum):
    """What a consent is for; each scope needs its own."""

    RESULTS = "results"
    CONTACTS = "contacts"


class Decision(StrEnum):
    """A refusal is a record too."""

    GRANTED = "granted"
    REFUSED = "refused"


class Ground(StrEnum):
    """Why a pupil's records may leave, or why they are withheld."""

    GRANTED = "granted"
    MISSING = "missing"
    REFUSED = "refused"
    NOT_YET = "not_yet_valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One registered decision of a family.

    Attributes:
        given_by: who decided: `parent`, `pupil`, `guardian`.
        document: the number or file name of the separate document.
        valid_from: first school day it holds, in the school's zone.
        valid_until: last school day it holds; None means until withdrawn.
        withdrawn_at: UTC instant of its withdrawal, or None.
    """

    number: int
    pupil: str
    scope: Scope
    decision: Decision
    given_by: str
    document: str
    valid_from: date
    valid_until: date | None
    withdrawn_at: datetime | None
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer at one moment: allowed or not, on what ground, by which registered consent."""

    allowed: bool
    ground: Ground
    consent_number: int | None


def subject_of(pupil: str, scope: Scope) -> str:
    """Name whose consent of which scope a record needs: a pupil's id, with the scope behind it unless it is results."""
    return pupil if scope is Scope.RESULTS else f"{pupil}{_BEHIND}{scope.value}"


def pupil_of(subject: str) -> str:
    """Return the pupil's id of a consent's subject."""
    return subject.partition(_BEHIND)[0]


def scope_of(subject: str) -> Scope:
    """Return the scope of a consent's subject."""
    return Scope(subject.partition(_BEHIND)[2] or Scope.RESULTS)


NOBODY_ASKED = Permission(allowed=False, ground=Ground.MISSING, consent_number=None)


def permission(consents: Iterable[Consent], moment: datetime, zone: ZoneInfo) -> Permission:
    """Decide for one pupil and scope at `moment` (aware); the decision registered last counts.

    Last is what has the highest number, and withdrawn is withdrawn, whatever the clock showed then or shows now.
    """
    latest = max(consents, key=lambda consent: consent.number, default=None)
    if latest is None:
        return NOBODY_ASKED
    ground = _ground(latest, moment.astimezone(zone).date())
    return Permission(ground is Ground.GRANTED, ground, latest.number)


def _ground(consent: Consent, today: date) -> Ground:
    if consent.withdrawn_at is not None:
        return Ground.WITHDRAWN
    if consent.decision is Decision.REFUSED:
        return Ground.REFUSED
    if today < consent.valid_from:
        return Ground.NOT_YET
    if consent.valid_until is not None and today > consent.valid_until:
        return Ground.EXPIRED
    return Ground.GRANTED
