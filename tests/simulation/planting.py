"""How a deliberate bug is entered, and put in the place of what is right."""

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch


@dataclass(frozen=True)
class Bug:
    """One planted bug: what to put in the place of what."""

    owner: object
    name: str
    instead: Callable
    needs: tuple = ()
    also: tuple = ()

    @contextmanager
    def planted(self):
        """Let the service have it."""
        with ExitStack() as stack:
            stack.enter_context(_put(self.owner, self.name, self.instead))
            for owner, name, instead in self.also:
                stack.enter_context(_put(owner, name, instead))
            yield


def _put(owner, name, instead):
    return patch.object(owner, name, instead(getattr(owner, name)))


PLANTED: dict[str, Bug] = {}


def bug(owner, name, *needs, also=()):
    """Enter what is put in the place of `owner.name`; it is handed the real thing."""

    def enter(instead):
        PLANTED[instead.__name__] = Bug(owner, name, instead, needs, also)
        return instead

    return enter
