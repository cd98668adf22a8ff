"""The next command, as it must be typed here: with the same `--config`, and in words that fit what was being done."""

import re
import shlex
from contextvars import ContextVar
from pathlib import Path

from ejsync.errors import ConfigError, ConfigFault, EjsyncError
from ejsync.wording import N_, say

VERBS = (
    "config", "doctor", "run", "sync", "status", "batches", "quarantine", "reconcile", "audit", "consent", "import",
    "privacy", "contracts", "source", "sandbox", "report", "extract", "db", "keys",
)  # fmt: skip
_TYPED = re.compile(rf"\bejsync (?=(?:{'|'.join(VERBS)})\b)")
_CONFIG: ContextVar[str | None] = ContextVar("config", default=None)
_KEY = "keys.master"


def use_config(path: str | None) -> None:
    """Remember the settings file that was named on this command line; None: none was named."""
    _CONFIG.set(path)


def commanded(text: str) -> str:
    """Put the `--config` of this command line into every command of ours that a text names."""
    config = _CONFIG.get()
    return text if config is None else _TYPED.sub(lambda _: f"ejsync --config {shlex.quote(config)} ", text)


def remedy(error: EjsyncError) -> str:
    """Return what to do about an error: the error's own words, save where the place says more than its class."""
    if isinstance(error, ConfigError):
        if _is_missing(error):
            return _start(Path(error.file))
        if error.faults and all(map(lost_key, error.faults)):
            return say(N_("put the master key back from its copy; only a store not yet made may get a new one"))
    return commanded(error.remedy())


def lost_key(fault: ConfigFault) -> bool:
    """Tell whether a fault is the master key that is not where it was: a new one would not fit the store."""
    lost = (N_("the file or variable is missing or empty"), N_("the secret is missing or empty"))
    return fault.key == _KEY and fault.problem.startswith(tuple(map(say, lost)))


def expected(fault: ConfigFault) -> str:
    """Return what would be right; for a lost key its copy, not a fresh one."""
    return say(N_("the key that this store was made with, from its copy")) if lost_key(fault) else fault.expected


def _is_missing(error: ConfigError) -> bool:
    """Tell whether the settings file itself is not there."""
    whole = [fault for fault in error.faults if fault.file == error.file and not fault.key]
    return bool(whole) and Path(error.file).suffix == ".toml" and not Path(error.file).exists()


def _start(file: Path) -> str:
    folder = file.parent
    return "ejsync init" if folder in {Path(), Path.cwd()} else f"ejsync init {shlex.quote(str(folder))}"
