"""What TLS contexts are made of, and when anew."""

import os

import pytest

from ejsync.credentials import SecretRef
from ejsync.credentials.client_certificates import ClientCertificate
from ejsync.transport.trust import Trust, UnusableError
from tests.doubles.authority import CLIENT, Authority


@pytest.fixture
def authority(tmp_path):
    """An authority of the test's own."""
    return Authority(tmp_path)


@pytest.fixture
def identity(authority):
    """A certificate of ours."""
    certificate, key = authority.issue("client", use=CLIENT)
    return ClientCertificate(SecretRef("file", str(certificate)), SecretRef("file", str(key)))


def test_a_context_verifies_and_is_made_once(authority, identity):
    """Hosts are verified by name and authority, with and without files of ours; unchanged files cost nothing."""
    for trust in (Trust(), Trust(authority.bundle, identity)):
        context = trust.context()
        assert context.check_hostname
        assert context.verify_mode.name == "CERT_REQUIRED"
        assert trust.context() is context


def test_a_replaced_file_makes_another_context(authority, identity):
    """A newer bundle or certificate is seen at the next look; doubt looks whatever the times say."""
    trust = Trust(authority.bundle, identity)
    contexts = [trust.context()]
    authority.issue("client", use=CLIENT)
    contexts.append(trust.context())
    os.utime(authority.bundle, ns=(1, 1))
    contexts.append(trust.context())
    trust.doubt()
    contexts.append(trust.context())
    assert len({id(one) for one in contexts}) == 4
    assert trust.context() is contexts[-1]


def test_bad_files_keep_the_context_before(authority, identity):
    """While a renewal is half done the pair before is used; with none before it is an error."""
    trust = Trust(authority.bundle, identity)
    context = trust.context()
    authority.bundle.write_bytes(b"")
    assert trust.context() is context
    with pytest.raises(UnusableError):
        Trust(authority.bundle, identity).context()
    authority.bundle.unlink()
    assert trust.context() is context
    with pytest.raises(UnusableError):
        Trust(authority.bundle).context()
