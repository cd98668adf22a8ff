"""structlog set-up: an allow-list of fields, no personal data, no URL query, one JSON object a line.

Every line, ours or a library's, goes through one handler and one list of processors. A field that is not on the list,
or whose value does not look as that field's values do, is dropped and counted in `dropped_fields`: the list fails shut.
The last thing that happens to any line, whoever speaks, is that secrets and queries of URLs are masked in it.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ejsync.credentials.revealed import without_secrets
from ejsync.errors import EjsyncError

_WORDS = """
    event level timestamp logger school feed window method scope batch replay_of hold sink source account kind op
    state status code reason outcome host contract encoding version signal address days error where
"""
_COUNTS = """
    seconds attempt attempts schools windows pages records created updated retracted unchanged passed_over uncovered
    broken quarantined mended withheld held queued waiting released discarded changes batches items applied stale
    rejected delivered refused failed dead due late split cancelled erased consents bytes size_bytes epoch seq port pid
    exit_code retry_after_s next_in_s age_s dropped_fields same missing unknown differs unreadable under_way
    foreign left
"""
WORDS = frozenset(_WORDS.split())
"""Fields that hold a short text of ours: names, codes, ids of batches, hosts without path or query."""
COUNTS = frozenset(_COUNTS.split())
"""Fields that hold a number."""

_PSEUDONYM = re.compile(r"[0-9a-f]{16}")
_QUERY = re.compile(r"\?[^\s\"'<>)]*")
_LONGEST_TEXT = 300
_REWRITTEN = re.compile(r"[?'\"\\]")
"""A text with one of these is cut or escaped before it stands in a line; a secret in it would not be known again."""
_QUIET = ("httpx", "httpcore", "uvicorn", "uvicorn.access", "uvicorn.error", "apscheduler", "sqlalchemy", "alembic")


def configure(level: str, format: str, stream: TextIO | None = None) -> None:  # noqa: A002 - the setting's own name
    """Set up the log of this process, structlog's and the standard library's alike.

    Args:
        level: the least level of our own lines; libraries speak from warning on.
        format: "json" for one object a line, "text" for people.
        stream: where lines go; None takes standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(format))
    _guard()
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("ejsync").setLevel(level.upper())
    for name in _QUIET:
        _quieten(logging.getLogger(name))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _guard() -> None:
    """Let what nobody caught go into the log as any line does: errors, also of threads and finalisers, and warnings."""
    logging.captureWarnings(capture=True)
    told = logging.getLogger("ejsync.process")
    sys.excepthook = lambda _kind, error, _trace: told.critical("process.failed", exc_info=error)
    threading.excepthook = lambda found: told.error("thread.failed", exc_info=found.exc_value)
    sys.unraisablehook = lambda found: told.error("finaliser.failed", exc_info=found.exc_value)


class _Masking(structlog.stdlib.ProcessorFormatter):
    """The formatter of every line; what it returns is masked once more, as a whole."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return without_secrets(super().format(record))


def _quieten(logger: logging.Logger) -> None:
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _formatter(shape: str) -> logging.Formatter:
    last: Processor = structlog.dev.ConsoleRenderer(colors=False)
    if shape == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True)
    return _Masking(
        processors=[
            _described,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_named,
            allow_listed,
            last,
        ]
    )


def _described(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take level, logger and exception from the record; a library's own sentence stays, without queries."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog")
    event.setdefault("exc_info", record.exc_info)
    event.update(level=record.levelname.lower(), logger=record.name)
    return event


def _exception_named(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name an exception and where it was raised; a foreign message may quote data, so only ours is shown."""
    error = _exception_of(event.pop("exc_info", None))
    if error is not None:
        event["error"] = error_text(error)
        event["where"] = _raised_at(error.__traceback__)
    return event


def _exception_of(given: Any) -> BaseException | None:
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def error_text(error: BaseException) -> str:
    """Return what a log may say of an exception: ours in full, the system's own reason, of others the class."""
    if isinstance(error, EjsyncError):
        return without_query(str(error))
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__


def _raised_at(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def without_query(text: str) -> str:
    """Cut everything that looks like the query of a URL out of a text."""
    return _QUERY.sub("", text)


def masked(text: str) -> str:
    """Return a text without any secret that this process has used, and without queries of URLs."""
    return without_query(without_secrets(text))


def allow_listed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Let only known fields pass, each only with a value of its own form; count the others in `dropped_fields`."""
    shown = {name: _plain(value) for name, value in event.items() if _fits(name, value)}
    dropped = len(event) - len(shown)
    return shown | {"dropped_fields": dropped} if dropped else shown


def _fits(name: str, value: Any) -> bool:
    return (value is None and name in _FORMS) or _FORMS.get(name, _never)(value)


def _never(_: Any) -> bool:
    return False


def _is_word(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pseudonym(value: Any) -> bool:
    return isinstance(value, str) and _PSEUDONYM.fullmatch(value) is not None


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(WORDS, _is_word),
    **dict.fromkeys(COUNTS, _is_count),
    "pupil": _is_pseudonym,
}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str):
        return value
    if len(value) > _LONGEST_TEXT or _REWRITTEN.search(value):
        value = without_secrets(value)
    return without_query(value)[:_LONGEST_TEXT]
