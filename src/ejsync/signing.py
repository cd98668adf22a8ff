"""Signing: Ed25519 in the name of this installation, under a key of its own that outlives the master secret."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ejsync.domain.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class Signature:
    """domain.checkpoints.Signer with one private key."""

    private: Ed25519PrivateKey = field(repr=False)
    public: str

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signature":
        """Return the key pair that belongs to 32 secret bytes."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(private, private.public_key().public_bytes_raw().hex())

    def sign(self, text: bytes) -> str:
        """Return the signature of a text as 128 lower-case hex digits."""
        return self.private.sign(text).hex()


def is_signed_by(key: str, checkpoint: Checkpoint) -> bool:
    """Tell whether a checkpoint was signed with the private key behind a public one (64 lower-case hex digits)."""
    if checkpoint.key != key:
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(checkpoint.signature), checkpoint.text())
    except (ValueError, InvalidSignature):
        return False
    return True
