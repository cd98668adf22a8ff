"""What TLS is made with: trusted authorities and a certificate of our own, read anew once their files change."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

import httpx

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]
"""How files stand on the disk: of each its time, size and number; None for one that is not there."""


class Identity(Protocol):
    """A client certificate of ours."""

    def files(self) -> tuple[Path, ...]:
        """Return the files that it is read from."""
        ...

    def load_into(self, context: ssl.SSLContext) -> None:
        """Present it in every connection of a context.

        Raises:
            OSError: a file is missing, is no PEM, or the two do not fit together.
            LookupError: the key's password is missing.
        """
        ...


class UnusableError(Exception):
    """The authorities or our own certificate cannot be read, and never could be in this run."""


class Trust:
    """Makes the TLS context of one host, anew whenever a file behind it was replaced; safe to share among threads."""

    def __init__(self, ca_bundle: Path | None = None, identity: Identity | None = None) -> None:
        self._ca_bundle, self._identity = ca_bundle, identity
        self._lock = threading.Lock()
        self._made: ssl.SSLContext | None = None
        self._stamp: Stamp | None = None

    @property
    def presents(self) -> bool:
        """Tell whether a certificate of our own is set."""
        return self._identity is not None

    def context(self) -> ssl.SSLContext:
        """Return the context for the files as they are now; while a renewal is half done, the one before it.

        Raises:
            UnusableError: they cannot be read and there is none before.
        """
        with self._lock:
            now = tuple(map(_stamped, self._files()))
            if self._made is None or now != self._stamp:
                self._renew(now)
            if self._made is None:
                raise UnusableError
            return self._made

    def doubt(self) -> None:
        """Read the files again at the next use, whatever their times say."""
        with self._lock:
            self._stamp = None

    def _files(self) -> Iterator[Path]:
        yield from (self._ca_bundle,) if self._ca_bundle else ()
        yield from self._identity.files() if self._identity else ()

    def _renew(self, now: Stamp) -> None:
        try:
            self._made = trusting(self._ca_bundle, self._identity)
        except (OSError, LookupError):
            return
        self._stamp = now


def trusting(ca_bundle: Path | None, identity: Identity | None) -> ssl.SSLContext:
    """Make a context that verifies every host: by the usual authorities and by those of a PEM file.

    Raises:
        OSError: the PEM file or our certificate cannot be read.
        LookupError: the password of our key is missing.
    """
    context = httpx.create_ssl_context()
    if ca_bundle is not None:
        context.load_verify_locations(cafile=ca_bundle)
    if identity is not None:
        identity.load_into(context)
    return context


def _stamped(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
