"""Signing in the name of this installation."""

from dataclasses import replace

from ejsync.signing import Signature, is_signed_by
from tests.doubles.audit_file import FORGER, OURS, log_of


def test_a_signature_is_one_of_rfc_8032():
    """Key and signature of the empty text are those of the standard's first test (section 7.1)."""
    made = Signature.from_seed(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert made.public == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert made.sign(b"") == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )


def test_the_private_key_does_not_show():
    """The same seed gives the same key pair, another one another; of the private one nothing is printed."""
    made = Signature.from_seed(b"k" * 32)
    assert made.public == Signature.from_seed(b"k" * 32).public != Signature.from_seed(b"l" * 32).public
    assert "private" not in repr(made)


def test_only_the_trusted_key_is_believed():
    """A checkpoint is of the key it names, and that is the one asked for; what is no key signs nothing."""
    _, (_, made) = log_of("lyceum-2")
    assert is_signed_by(OURS.public, made)
    assert not is_signed_by(FORGER.public, made)
    assert not is_signed_by(FORGER.public, replace(made, key=FORGER.public))
    assert not is_signed_by("", made)
    assert not is_signed_by("0", replace(made, key="0"))
