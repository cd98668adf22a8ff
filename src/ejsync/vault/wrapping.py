"""Wrapping: which master secret a key file stands under, and what it opens."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ejsync.credentials import SecretRef
from ejsync.errors import ConfigError, KeysUnfit
from ejsync.sealing import Seal
from ejsync.vault.key_file import FileHead, KeyFile, Place
from ejsync.vault.masters import Master, master_fault, master_of
from ejsync.wording import N_, say


class Wrapping:
    """Unwraps the keys of one file; the master secret is revealed when it is first needed, and then forgotten."""

    def __init__(self, path: Path, file: KeyFile, reveal: Callable[[], bytes]) -> None:
        self._path, self._file, self._reveal = path, file, reveal
        self._seal: Seal | None = None
        self._under = ""

    def forget(self) -> None:
        """Look anew for the master when it is next needed."""
        self._seal = None

    def is_current(self) -> bool:
        """Tell whether the master at hand is known to be the one that the file stands under now."""
        head = self._file.head()
        return self._seal is not None and head is not None and head.master == self._under

    def named(self) -> Master:
        """Return the master that the settings name. Raises ConfigError."""
        return Master(self._reveal())

    def seal(self) -> Seal:
        """Return what wraps the keys of the file.

        Raises:
            KeysUnfit: there is no file.
            ConfigError: no master is at hand that the file stands under.
        """
        if self._seal is None:
            head = self._file.head()
            if head is None:
                raise self.unfit(say(N_("it is missing")))
            self._seal, self._under = self._master_for(head).seal(), head.master
        return self._seal

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Return a key unwrapped.

        Raises:
            KeysUnfit: it is damaged.
            ConfigError: as for `seal`.
        """
        key = self.seal().open(sealed, *place)
        if key is None:
            raise self.unfit(say(N_("a key in it is damaged")))
        return key

    def all_keys(self) -> dict[Place, bytes]:
        """Return every key of the file unwrapped. Raises as `open`."""
        self.seal()
        return {place: self.open(place, sealed) for place, (sealed, _) in self._file.wrapped().items() if sealed}

    def unfit(self, reason: str) -> KeysUnfit:
        """Make the error of keys that do not fit."""
        return KeysUnfit(path=str(self._path), reason=reason)

    def _master_for(self, head: FileHead) -> Master:
        """Find the master where the last change of it was noted, or else where the settings say."""
        noted = _noted(head.reference)
        if noted is not None and noted.id == head.master:
            return noted
        master = self.named()
        if master.id != head.master:
            problem = say(N_("this is not the master secret that the keys are wrapped under"))
            expected = N_("the master secret with the id {id}; if it is lost: ejsync keys start-anew")
            raise master_fault(str(self._path), problem, say(expected, id=head.master))
        return master


def _noted(reference: str) -> Master | None:
    try:
        return Master(master_of(SecretRef.parse(reference, Path())))
    except (ConfigError, ValueError):
        return None


def wrapped(seal: Seal, keys: Mapping[Place, bytes]) -> Iterator[tuple[Place, bytes]]:
    """Yield keys wrapped, each for its place."""
    for place, key in keys.items():
        yield place, seal.close(key, *place)
