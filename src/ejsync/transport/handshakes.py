"""What a failed TLS connection says: a flaw of the host's certificate, or that the host does not take ours."""

import ssl
from collections.abc import Iterator

from ejsync.errors import certificates

_VERIFICATION = {
    2: certificates.UNKNOWN_AUTHORITY,  # the numbers are those of OpenSSL's X509_V_ERR_ constants
    9: certificates.NOT_YET,
    10: certificates.EXPIRED,
    18: certificates.SELF_SIGNED,
    19: certificates.SELF_SIGNED,
    20: certificates.UNKNOWN_AUTHORITY,
    21: certificates.UNKNOWN_AUTHORITY,
    62: certificates.OTHER_NAME,
    64: certificates.OTHER_NAME,
}
_ALERTS = {
    "TLSV1_ALERT_UNKNOWN_CA": certificates.STRANGE,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": certificates.OVERDUE,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": certificates.REVOKED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": certificates.MISUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": certificates.REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": certificates.REFUSED,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": certificates.REFUSED,
    "TLSV1_ALERT_ACCESS_DENIED": certificates.REFUSED,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": certificates.REFUSED,
}
_WITHOUT_ONE = {
    "SSLV3_ALERT_BAD_CERTIFICATE": certificates.ABSENT,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": certificates.ABSENT,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": certificates.BROKEN_OFF,
}
_PROTOCOL = {
    "WRONG_VERSION_NUMBER": certificates.NO_TLS,
    "HTTP_REQUEST": certificates.NO_TLS,
    "UNSUPPORTED_PROTOCOL": certificates.OLD_TLS,
    "TLSV1_ALERT_PROTOCOL_VERSION": certificates.OLD_TLS,
}
# nginx lets a client without a good certificate in, and says so itself (ngx_http_special_response.c).
_PAGES = {
    b"<title>400 No required SSL certificate was sent</title>": certificates.ABSENT,
    b"<title>400 The SSL certificate error</title>": certificates.REFUSED,
}
_BAD_REQUEST = 400
_SEARCHED_BYTES = 500


def flaw_of(error: BaseException, *, presenting: bool) -> str | None:
    """Name what a foreign error says of certificates; None if it says nothing of them.

    With TLS 1.3 a refusal of ours comes after our own handshake is over, as an error of the first read.

    Args:
        presenting: whether a client certificate of ours is set.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _VERIFICATION.get(cause.verify_code, certificates.UNVERIFIED)
        if isinstance(cause, ssl.SSLError) and cause.reason:
            known = {**_PROTOCOL, **_ALERTS, **({} if presenting else _WITHOUT_ONE)}
            return known.get(cause.reason)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it; contexts may go round in a circle where an error was raised again."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def refusal_in(status: int, body: bytes) -> str | None:
    """Name the refusal of our certificate that a page of nginx stands for; None for any other answer."""
    if status != _BAD_REQUEST:
        return None
    return next((flaw for title, flaw in _PAGES.items() if title in body[:_SEARCHED_BYTES]), None)
