"""The cookie jar of one school: shared by its threads, and handed over to the next run."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any

_BROWSERS_ONLY = "_rest"  # attributes such as `HttpOnly`


class Cookies(CookieJar):
    """A jar that can be written down and filled again; the standard library decides which cookie goes where."""

    # The standard library's own lock: it guards every change of the jar, yet not walking through it.
    _cookies_lock: AbstractContextManager[Any]

    def __init__(self) -> None:
        # By default a host's cookie would go to the hosts below it too.
        super().__init__(DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain))

    def written(self) -> list[dict[str, Any]]:
        """Return every cookie as plain JSON, those of a session too."""
        with self._cookies_lock:
            return [{name: held for name, held in vars(one).items() if name != _BROWSERS_ONLY} for one in self]

    def fill(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Put back what was written; a cookie that came since then stays as it is."""
        with self._cookies_lock:
            present = {(one.domain, one.path, one.name) for one in self}
            for fields in cookies:
                with suppress(TypeError):  # written by a Python whose cookies had other fields
                    one = Cookie(**fields, rest={})
                    if (one.domain, one.path, one.name) not in present:
                        self.set_cookie(one)
