"""What failed handshakes say."""

import ssl

import pytest

from ejsync.errors import certificates
from ejsync.transport.handshakes import flaw_of, refusal_in


def alert(reason):
    """An error of OpenSSL's inside one of somebody else's."""
    inner = ssl.SSLError(1, reason)
    inner.reason = reason
    outer = RuntimeError("wrapped")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("reason", "presenting", "flaw"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", False, certificates.ABSENT),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", True, certificates.REFUSED),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", False, certificates.BROKEN_OFF),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", True, certificates.REFUSED),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", True, certificates.REVOKED),
        ("UNSUPPORTED_PROTOCOL", True, certificates.OLD_TLS),
        ("TLSV1_ALERT_INTERNAL_ERROR", True, None),
        ("UNEXPECTED_EOF_WHILE_READING", True, None),
    ],
)
def test_an_alert_has_one_meaning(reason, presenting, flaw):
    """What is about certificates is told apart by whether one was shown; all else stays a lost connection."""
    assert flaw_of(alert(reason), presenting=presenting) == flaw


@pytest.mark.parametrize(
    ("code", "flaw"), [(9, certificates.NOT_YET), (18, certificates.SELF_SIGNED), (1, certificates.UNVERIFIED)]
)
def test_a_verification_has_one_meaning(code, flaw):
    """OpenSSL's numbers become sentences; an unknown one is a flaw all the same."""
    error = ssl.SSLCertVerificationError("x")
    error.verify_code = code
    assert flaw_of(error, presenting=False) == flaw


def test_other_errors_say_nothing_of_certificates():
    """A reset line, also while another error was handled, is nobody's certificate."""
    assert flaw_of(ConnectionResetError(), presenting=True) is None


def test_errors_that_go_round_in_a_circle_come_to_an_end():
    """An error that was raised again while its own child was handled is looked at once."""
    first, second = ConnectionResetError(), OSError()
    first.__context__, second.__context__ = second, first
    assert flaw_of(first, presenting=True) is None


def test_each_flaw_has_a_remedy():
    """No reason stands in both directions, and each says what to do."""
    assert not set(certificates.SERVERS) & set(certificates.CLIENTS)
    assert all({**certificates.SERVERS, **certificates.CLIENTS}.values())


def test_only_a_page_about_certificates_is_one():
    """Another status or title is an answer like any other."""
    page = b"<title>400 The SSL certificate error</title>"
    assert refusal_in(400, page) == certificates.REFUSED
    assert refusal_in(200, page) is None
    assert refusal_in(400, b"<title>400 Bad Request</title>") is None
