"""The keys of one school: what is sealed with them, and how one is destroyed."""

from collections.abc import Iterable
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ejsync.domain.consent import pupil_of
from ejsync.errors import KeysUnfit
from ejsync.sealing import Seal
from ejsync.wording import N_


class Keys(Protocol):
    """Where the keys of one school are taken from; a pupil None stands for the school itself."""

    def prepare(self, school: str, pupils: Iterable[str | None]) -> None:
        """Make the keys that are not there yet, down to the disk."""

    def seal(self, school: str, pupil: str | None) -> Seal | None:
        """Return what a key seals with; None where there is no such key."""

    def strike(self, school: str, pupils: Iterable[str], nth: int) -> None:
        """Destroy keys for the nth time."""

    def struck(self, school: str, pupil: str | None) -> int:
        """Tell how often a key was destroyed."""

    def named(self, school: str, what: str) -> str:
        """Return a keyed hash under which something can be known again."""

    def unfit(self, reason: str) -> KeysUnfit:
        """Make the error of keys that do not fit."""


class SchoolKeys:
    """Seals what a school keeps of its pupils, each with his own key; what has no pupil, with the school's.

    A subject such as `1001/contacts` stands for its pupil. An empty value is nothing that could be sealed.
    """

    def __init__(self, keys: Keys, school: str) -> None:
        self._keys, self._school = keys, school
        self._seals: dict[str | None, Seal] = {}

    def prepare(self, subjects: Iterable[str | None]) -> None:
        """Make the keys of new pupils, at once and before anything is sealed with them."""
        self._keys.prepare(self._school, {_whose(subject) for subject in subjects})

    def close(self, value: bytes, subject: str | None, *place: str) -> bytes:
        """Seal a value for a place."""
        if not value:
            return b""
        seal = self._seal(subject)
        if seal is None:
            self.prepare([subject])
            seal = self._seal(subject)
        assert seal is not None
        return seal.close(value, self._school, *place)

    def open(self, sealed: bytes, subject: str | None, *place: str) -> bytes:
        """Return a sealed value; nothing where its key was destroyed.

        Raises:
            KeysUnfit: it does not open, and no destroyed key tells why.
        """
        if not sealed:
            return b""
        found = self.opened(sealed, subject, *place)
        if found is None and not self.is_destroyed(subject):
            raise self._keys.unfit(N_("what is sealed in the store does not open"))
        return found or b""

    def opened(self, sealed: bytes, subject: str | None, *place: str) -> bytes | None:
        """Return a sealed value, or None where it does not open, for whatever reason."""
        seal = self._seal(subject)
        return None if seal is None else seal.open(sealed, self._school, *place)

    def close_joint(self, value: bytes, subjects: Iterable[str | None], *place: str) -> bytes:
        """Seal what holds several pupils: without any one of their keys it does not open."""
        if not value:
            return b""
        whose = {None, *map(_whose, subjects)}
        self.prepare(whose)
        joint = self._joint(whose)
        assert joint is not None
        return joint.close(value, self._school, *place)

    def open_joint(self, sealed: bytes, subjects: Iterable[str | None], *place: str) -> bytes | None:
        """Return what holds several pupils; None where it does not open."""
        if not sealed:
            return b""
        joint = self._joint({None, *map(_whose, subjects)})
        return None if joint is None else joint.open(sealed, self._school, *place)

    def destroy(self, pupils: Iterable[str], *, nth: int = 1) -> None:
        """Destroy the keys of pupils, here and in every copy among the backups; again and again does no harm.

        It belongs inside a writing transaction of the store: nobody else seals anything then.

        Args:
            nth: which time it is: 2 for who came back after a first time.

        Raises:
            StoreError: a key file cannot be written; what is left is destroyed by the next call.
        """
        self._keys.strike(self._school, {pupil_of(pupil) for pupil in pupils}, nth)
        self._seals.clear()

    def is_destroyed(self, subject: str | None) -> bool:
        """Tell whether the key of a pupil was ever destroyed, whether or not he has a new one."""
        return self.destroyed(subject) > 0

    def destroyed(self, subject: str | None) -> int:
        """Tell how often the key of a pupil was destroyed."""
        return 0 if subject is None else self._keys.struck(self._school, _whose(subject))

    def name(self, what: str) -> str:
        """Return a keyed hash (32 hex digits) under which something of this school can be known again."""
        return self._keys.named(self._school, what)

    def _seal(self, subject: str | None) -> Seal | None:
        seal = self._seals.get(subject)
        if seal is None:
            seal = self._keys.seal(self._school, _whose(subject))
            if seal is not None:
                self._seals[subject] = seal
        return seal

    def _joint(self, whose: set[str | None]) -> Seal | None:
        seals = [self._seal(one) for one in sorted(whose, key=lambda one: one or "")]
        keys = [seal.key for seal in seals if seal is not None]
        if len(keys) < len(seals):
            return None
        return Seal(HKDF(SHA256(), length=32, salt=None, info=b"several pupils").derive(b"".join(keys)))


def _whose(subject: str | None) -> str | None:
    return None if subject is None else pupil_of(subject)
