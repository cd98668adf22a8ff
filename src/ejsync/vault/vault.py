"""The vault: makes, wraps, keeps in memory, destroys and re-wraps the keys of an installation."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from threading import RLock

from ejsync.domain.fingerprints import Keyring
from ejsync.errors import ConfigError, KeysUnfit, StoreError
from ejsync.sealing import Seal
from ejsync.vault.key_file import (
    LOST,
    FileHead,
    FileMark,
    KeyFile,
    Place,
    broken_key_copies_of,
    key_copies_of,
    key_copy_of,
    key_file_of,
    strike_in,
)
from ejsync.vault.masters import Master
from ejsync.vault.school_keys import SchoolKeys
from ejsync.vault.wrapping import Wrapping, wrapped
from ejsync.wording import N_, say

KEY_BYTES = 32
OWN = ""
"""The school under which the installation's own keys stand."""
_SCHOOL, _NAMING = "school", "naming"


class Vault:
    """The keys beside one store; threads may share it. The master secret is revealed only when something is wrapped.

    Attributes:
        path: the key file; in the place of a file that is to stay as it is, a copy in memory may be used.
    """

    def __init__(self, store: Path, reveal: Callable[[], bytes], *, in_memory: bool = False) -> None:
        self.path = key_file_of(store)
        self._store = store
        self._in_memory = in_memory
        self._lock = RLock()
        self._file = KeyFile(Path(":memory:") if in_memory else self.path)
        if in_memory and self.path.exists():
            self._file.load(self.path)
        self._wrapping = Wrapping(self.path, self._file, reveal)
        self._forget()

    def _forget(self) -> None:
        self._seen: int | None = None
        self._mark: FileMark | None = None
        self._wrapping.forget()
        self._wrapped: dict[str, dict[str, tuple[bytes | None, int]]] = {}
        self._seals: dict[Place, Seal] = {}
        self._schools: dict[str, SchoolKeys] = {}

    def settle(self, told: str | None) -> None:
        """Make sure that the key file is there and is the one that a store knows of; a new store gets a new one.

        Raises:
            KeysUnfit: it is missing, belongs to another store, or is older than the store.
            ConfigError: the master secret is not the one that wraps it.
        """
        with self._lock:
            self._forget()
            head = self._file.head()
            if told is not None:
                self._require(head, FileMark.parse(told))
            if head is None:
                self._make()
            self.refresh()
            self._wrapping.seal()

    def _require(self, head: FileHead | None, known: FileMark) -> None:
        if head is None:
            copy = key_copy_of(self._store)
            hint = say(N_("it is missing; there is a copy: {copy}"), copy=copy)
            raise self.unfit(hint if copy.exists() else say(N_("it is missing")))
        if head.mark.id != known.id:
            raise self.unfit(say(N_("it belongs to another store")))
        if head.mark.generation < known.generation:
            raise self.unfit(say(N_("it is older than the store")))

    def _make(self) -> None:
        """Begin with the keys that were made of the master before there was a key file."""
        master = self._wrapping.named()
        ring = Keyring.from_master(master.secret)
        first = {"fingerprint": ring.fingerprint_key, "pseudonym": ring.pseudonym_key}
        first |= {"sealing": Seal.from_master(master.secret).key, _NAMING: secrets.token_bytes(KEY_BYTES)}
        with self._file.writing():
            if self._file.head() is None:
                self._file.make(FileMark(secrets.token_hex(8), 0), master.id)
                self._file.put(wrapped(master.seal(), {(OWN, name): key for name, key in first.items()}))

    def refresh(self) -> None:
        """Forget what another process has changed since. Cheap: it belongs at the beginning of every transaction."""
        with self._lock:
            version = self._file.version()
            if version != self._seen:
                self._forget()
                self._seen = version
                head = self._file.head()
                self._mark = head.mark if head else None

    @property
    def mark(self) -> str:
        """Return what a store remembers of its key file."""
        return str(self._mark)

    def of(self, school: str) -> SchoolKeys:
        """Return the keys of a school."""
        with self._lock:
            return self._schools.setdefault(school, SchoolKeys(self, school))

    def own(self, name: str) -> bytes:
        """Return a key of the installation by name, 32 bytes; made at first use, then the same for ever."""
        with self._lock:
            self._make_missing({(OWN, name)})
            seal = self._at((OWN, name))
        assert seal is not None
        return seal.key

    def prepare(self, school: str, pupils: Iterable[str | None]) -> None:
        """Make the keys that are not there yet, all in one commit."""
        with self._lock:
            self._make_missing({self._place(school, pupil) for pupil in pupils})

    def seal(self, school: str, pupil: str | None) -> Seal | None:
        """Return what a key seals with; None where there is no such key."""
        with self._lock:
            return self._at(self._place(school, pupil))

    def struck(self, school: str, pupil: str | None) -> int:
        """Tell how often a key was destroyed."""
        with self._lock:
            school, name = self._place(school, pupil)
            return self._of(school).get(name, (None, 0))[1]

    def strike(self, school: str, pupils: Iterable[str], nth: int) -> None:
        """Destroy keys in every copy, then here; a kill in between leaves what the next call completes.

        A copy that does not open as a key file is left: `broken_key_copies_of` names it.
        """
        with self._lock:
            places = [self._place(school, pupil) for pupil in pupils]
            with self._file.writing():  # no copy is made meanwhile
                broken = set(broken_key_copies_of(self._store))
                for copy in () if self._in_memory else key_copies_of(self._store):
                    if copy not in broken:
                        strike_in(copy, places, nth)
                self._file.strike(places, nth)
            self._file.scrub()
            self._reload()

    def back_up(self) -> Path:
        """Renew the one copy of the key file among the backups. Raises StoreError."""
        self.standing()
        with self._lock, self._file.writing():
            self._file.copy_to(key_copy_of(self._store))
        return key_copy_of(self._store)

    def rewrap(self, to: Master, reference: str) -> int:
        """Wrap every key under another master, in one transaction, and renew the copy; returns how many keys.

        Args:
            reference: where the new master is found, until the settings name it.
        """
        with self._lock:
            self.refresh()
            with self._file.writing():
                self._wrapping.forget()
                keys = self._wrapping.all_keys()
                self._file.put(wrapped(to.seal(), keys))
                self._file.wrap_under(to.id, reference)
            self._file.scrub()
            self._reload()
            if key_copies_of(self._store):
                self.back_up()
        return len(keys)

    def renew(self, at: datetime) -> Path | None:
        """Keep the key file if all of it opens; else put it aside and begin with a new one. Returns where it is now.

        Raises:
            ConfigError: there is no master secret to begin with.
        """
        with self._lock:
            self._wrapping.named()
            self._forget()
            kept = None
            if not self._is_sound():
                self._file.close()
                if self.path.exists():
                    kept = self.path.replace(f"{self.path}{LOST}{at:%Y%m%dT%H%M%SZ}")
                self._make()
            self._reload()
        return kept

    def _is_sound(self) -> bool:
        try:
            self.verify()
        except (StoreError, ConfigError):
            return False
        return True

    def verify(self) -> int:
        """Unwrap every key, and return how many there are.

        Raises:
            StoreError: the file is missing or damaged.
            ConfigError: the master secret is not the one that wraps it.
        """
        self.standing()
        with self._lock, self._file.reading():
            self._wrapping.forget()
            return len(self._wrapping.all_keys())

    @property
    def is_named(self) -> bool:
        """Tell whether the settings name the master that the keys are wrapped under. Raises as `standing`."""
        return self._wrapping.named().id == self.standing()[0].master

    def standing(self) -> tuple[FileHead, int, int]:
        """Return the head of the key file, how many keys it holds, and how many were destroyed."""
        with self._lock:
            head = self._file.head()
            if head is None:
                raise self.unfit(say(N_("it is missing")))
            every = self._file.wrapped().values()
            return head, sum(sealed is not None for sealed, _ in every), sum(bool(struck) for _, struck in every)

    def unfit(self, reason: str) -> KeysUnfit:
        """Make the error of keys that do not fit."""
        return self._wrapping.unfit(reason)

    def close(self) -> None:
        """Let the file go, and forget every key."""
        with self._lock:
            self._file.close()
            self._forget()

    def _reload(self) -> None:
        """Forget everything; what this process itself has written does not change `version`."""
        self._forget()
        self.refresh()

    def _place(self, school: str, pupil: str | None) -> Place:
        """Name a key; nobody who has only the file can tell whose it is."""
        if pupil is None:
            return school, _SCHOOL
        return school, self.named(school, pupil)

    def named(self, school: str, what: str) -> str:
        """Return a keyed hash (32 hex digits) under which something can be known again, and not be guessed."""
        with self._lock:
            naming = self._at((OWN, _NAMING))
        assert naming is not None
        return blake2b(f"{school}/{what}".encode(), key=naming.key, digest_size=16).hexdigest()

    def _at(self, place: Place) -> Seal | None:
        seal = self._seals.get(place)
        if seal is None:
            school, name = place
            with self._file.reading():
                if not self._wrapping.is_current():  # what was read before is wrapped under another master
                    self._wrapping.forget()
                    self._wrapped = {}
                sealed, _ = self._of(school).get(name, (None, 0))
                if sealed is None:
                    return None
                seal = self._seals[place] = Seal(self._wrapping.open(place, sealed))
        return seal

    def _of(self, school: str) -> dict[str, tuple[bytes | None, int]]:
        if school not in self._wrapped:
            self._wrapped[school] = {name: found for (_, name), found in self._file.wrapped(school).items()}
        return self._wrapped[school]

    def _make_missing(self, places: set[Place]) -> None:
        if all(self._at(place) for place in places):
            return
        with self._file.writing():
            self._wrapping.forget()  # another process may have changed the master meanwhile
            there = self._file.wrapped()  # another process may have made some of them meanwhile
            missing = [place for place in sorted(places) if there.get(place, (None, 0))[0] is None]
            if missing:
                self._file.put(
                    wrapped(self._wrapping.seal(), {place: secrets.token_bytes(KEY_BYTES) for place in missing})
                )
        self._wrapped = {}
        head = self._file.head()
        self._mark = head.mark if head else None
