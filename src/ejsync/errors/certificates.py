"""Errors of TLS: a certificate that is not accepted, theirs here or ours there. People mend it; waiting does not."""

from collections.abc import Mapping
from dataclasses import dataclass

from ejsync.errors.disposition import Exit
from ejsync.errors.reading import SourceError
from ejsync.errors.writing import SinkError
from ejsync.wording import N_, say

UNKNOWN_AUTHORITY = N_("its certificate is signed by an authority that is not trusted here")
SELF_SIGNED = N_("its certificate is signed by itself or by an authority of its own, which is not trusted here")
EXPIRED = N_("its certificate has expired")
NOT_YET = N_("its certificate is not valid yet")
OTHER_NAME = N_("its certificate is for another host")
UNVERIFIED = N_("its certificate cannot be verified")
NO_TLS = N_("what answers there speaks no TLS")
OLD_TLS = N_("it speaks only TLS that is older than 1.2")

_BUNDLE = N_(
    "put the PEM file of that authority into http.ca_bundle (where it is missing, often the Russian national root:"
    " gosuslugi.ru/crt); nothing is sent until then"
)
_THEIRS = N_("tell those who run {host}; nothing is sent until they have renewed it")

SERVERS: Mapping[str, str] = {
    UNKNOWN_AUTHORITY: _BUNDLE,
    SELF_SIGNED: _BUNDLE,
    EXPIRED: N_(
        "check this machine's clock, then tell those who run {host}; nothing is sent until they have renewed it"
    ),
    NOT_YET: N_("check this machine's clock, then tell those who run {host}"),
    OTHER_NAME: N_("check the host in base_url and token_url; if it is right, tell those who run {host}"),
    UNVERIFIED: _THEIRS,
    NO_TLS: N_("check https:// and the port in base_url and token_url"),
    OLD_TLS: N_("tell those who run {host}: TLS 1.2 or newer is needed"),
}
"""What may be wrong with the host of a service, and what to do about it."""

ABSENT = N_("it asks for a client certificate, and none is set")
BROKEN_OFF = N_("it breaks the handshake off: most likely it asks for a client certificate, and none is set")
STRANGE = N_("it does not trust the authority that signed our client certificate")
OVERDUE = N_("our client certificate has expired")
REVOKED = N_("our client certificate is revoked")
MISUSED = N_("our client certificate is not made for clients")
REFUSED = N_("it does not accept our client certificate")
UNUSABLE = N_("our client certificate or http.ca_bundle cannot be read")

_RENEW = N_(
    "get a new certificate from those who run {host} and put it into the files of client_certificate and client_key"
)

CLIENTS: Mapping[str, str] = {
    ABSENT: N_("set client_certificate and client_key beside base_url: those who run {host} give them out"),
    BROKEN_OFF: N_("set client_certificate and client_key beside base_url, or ask those who run {host} what is wanted"),
    STRANGE: N_("ask those who run {host} which authority signs client certificates, and have ours signed by it"),
    OVERDUE: _RENEW,
    REVOKED: _RENEW,
    MISUSED: _RENEW,
    REFUSED: N_("ask those who run {host} which client certificate they take; ours stands in client_certificate"),
    UNUSABLE: N_("ejsync config validate"),
}
"""Why a host may refuse us for our certificate, and what to do about it."""


class _Mendable:
    """What to do depends on what is wrong: the class alone cannot say it."""

    next_step: str
    host: str
    reason: str

    def remedy(self) -> str:
        """Return what to do about this reason, in the operator's language."""
        return say({**SERVERS, **CLIENTS}.get(self.reason, self.next_step), host=self.host)


@dataclass(eq=False, kw_only=True)
class SourceUntrusted(_Mendable, SourceError):
    """The journal's host is not proved to be the journal's: nothing was asked of it."""

    code = "EJ-210"
    cause = N_("No safe connection to the journal at {host}: {reason}.")
    exit_code = Exit.CONFIGURATION
    host: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SourceRefusesCertificate(_Mendable, SourceError):
    """The journal's host does not let us in without another client certificate."""

    code = "EJ-211"
    cause = N_("The journal at {host} does not let us in: {reason}.")
    exit_code = Exit.CONFIGURATION
    host: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SinkUntrusted(_Mendable, SinkError):
    """The diary's host is not proved to be the diary's: nothing was sent to it."""

    code = "EJ-407"
    cause = N_("No safe connection to the diary “{sink}” at {host}: {reason}.")
    exit_code = Exit.CONFIGURATION
    sink: str
    host: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SinkRefusesCertificate(_Mendable, SinkError):
    """The diary's host does not let us in without another client certificate; the batch waits."""

    code = "EJ-408"
    cause = N_("The diary “{sink}” at {host} does not let us in: {reason}.")
    exit_code = Exit.CONFIGURATION
    sink: str
    host: str
    reason: str
