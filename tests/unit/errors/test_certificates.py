"""Errors of TLS."""

import pytest

from ejsync.errors import (
    Disposition,
    Exit,
    SinkRefusesCertificate,
    SinkUntrusted,
    SourceRefusesCertificate,
    SourceUntrusted,
)
from ejsync.errors.certificates import CLIENTS, SERVERS

KINDS = [
    (kind, reason)
    for kinds, reasons in (
        ((SourceUntrusted, SinkUntrusted), SERVERS),
        ((SourceRefusesCertificate, SinkRefusesCertificate), CLIENTS),
    )
    for kind in kinds
    for reason in reasons
]


@pytest.mark.parametrize(("kind", "reason"), KINDS, ids=lambda value: getattr(value, "__name__", value))
def test_an_operator_reads_which_host_what_is_wrong_and_what_to_do(kind, reason):
    """Each flaw of each side has a sentence with the host and a next step of its own; none is tried again at once."""
    sink = {"sink": "ed"} if kind.__name__.startswith("Sink") else {}
    error = kind(host="https://h.example", reason=reason, **sink)
    assert "https://h.example" in error.sentence()
    assert error.remedy() != "ejsync doctor"
    assert "{" not in error.remedy()
    assert (error.disposition, error.exit_code) == (Disposition.HALT, Exit.CONFIGURATION)
