"""The master secret: it wraps the keys, and nothing else; from it also stem the first keys of an installation."""

from dataclasses import dataclass, field
from hashlib import blake2b

from ejsync.credentials import SecretRef
from ejsync.errors import ConfigError, ConfigFault
from ejsync.sealing import Seal
from ejsync.wording import N_, say

LEAST_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Master:
    """A master secret of 32 bytes or more."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Return what tells this master from another one and nothing of it: 16 lower-case hex digits."""
        return self._derived(b"master id")[:8].hex()

    def seal(self) -> Seal:
        """Return what wraps keys, apart from all that else is made of the master."""
        return Seal(self._derived(b"wrapping"))

    def _derived(self, label: bytes) -> bytes:
        return blake2b(label, key=self.secret[:64], digest_size=32).digest()


def master_of(reference: SecretRef) -> bytes:
    """Read a master secret: hex digits, or any text of enough bytes.

    Raises:
        ConfigError: it is missing or too short.
    """
    try:
        text = reference.reveal()
    except LookupError:
        raise master_fault(str(reference), say(N_("the file or variable is missing or empty"))) from None
    try:
        master = bytes.fromhex(text)
    except ValueError:
        master = text.encode()
    if len(master) < LEAST_KEY_BYTES:
        raise master_fault(str(reference), say(N_("the key is too short")))
    return master


def master_fault(place: str, problem: str, expected: str | None = None) -> ConfigError:
    """Make the error of a master secret that cannot be used."""
    wanted = expected or say(N_("32 random bytes as 64 hex digits; `ejsync init` writes them"))
    return ConfigError(file=place, faults=(ConfigFault(place, "keys.master", problem, wanted),))
