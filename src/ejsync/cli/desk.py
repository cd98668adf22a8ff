"""What every verb starts from: which settings file, and the exchange that it opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.errors import ConfigError, ConfigFault
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.credentials import SecretRef
    from ejsync.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The global options of one command line."""

    config: Path | None = None
    debug: bool = False

    def settings(self, *, reveal: bool = False) -> "Settings":
        """Load the settings.

        Args:
            reveal: whether every secret must be there already; reading verbs do without.

        Raises:
            ConfigError: anything is wrong; missing secrets are named by file or variable.
        """
        from ejsync.settings import load

        try:
            return load(self.config, reveal=reveal)
        except ConfigError as error:
            raise self._named(error) if reveal else error from None

    @contextmanager
    def exchange(self, *, working: bool = False) -> Iterator["Exchange"]:
        """Open the exchange: for operators' verbs, or `working`, to read journals and send to diaries.

        Raises:
            EjsyncError: settings, key or store cannot be used, or another instance works on the store.
        """
        from ejsync.bootstrap import opened

        with opened(self.settings(reveal=working), working=working) as exchange:
            yield exchange

    def _named(self, error: ConfigError) -> ConfigError:
        """Add to each fault about a secret where that secret was looked for."""
        from ejsync.settings import load

        try:
            places = dict(secrets(load(self.config, reveal=False)))
        except ConfigError:
            return error
        return ConfigError(file=error.file, faults=tuple(_with_place(fault, places) for fault in error.faults))


def _with_place(fault: ConfigFault, places: "dict[str, SecretRef]") -> ConfigFault:
    place = places.get(fault.key)
    if place is None:
        return fault
    return replace(fault, problem=say(N_("{problem}: {place}"), problem=fault.problem, place=place))


def secrets(settings: Any, path: str = "") -> "Iterator[tuple[str, SecretRef]]":
    """Yield every secret reference of the settings with its key, as faults spell it."""
    from pydantic import BaseModel

    from ejsync.credentials import SecretRef

    if isinstance(settings, SecretRef):
        yield path, settings
    elif isinstance(settings, BaseModel):
        for name in type(settings).model_fields:
            yield from secrets(getattr(settings, name), f"{path}.{name}" if path else name)
    elif isinstance(settings, list | tuple):
        for number, entry in enumerate(settings, start=1):
            yield from secrets(entry, f"{path}[{getattr(entry, 'name', f'#{number}')}]")


pass_desk = click.make_pass_decorator(Desk, ensure=True)
