"""Sign-in at the simulated ElJur: vendor, developer key, accounts, and tokens that live in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ejsync.sandbox.question import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ejsync.sandbox.accounts import Account
    from ejsync.sandbox.rollbook import Rollbook

VENDOR = "vydumka"
BAD_DEVELOPER = "не удалось авторизовать разработчика"
BAD_LOGIN = "Неправильный логин или пароль"
NO_SESSION = "Доступ запрещён: неверный или просроченный токен"
NO_API_RIGHT = "Доступ запрещён"

_TOKEN_LIFE = timedelta(days=90)
_MOSCOW = ZoneInfo("Europe/Moscow")


class Sessions:
    """Who is signed in, and how often each account has called which method.

    A new sign-in leaves older tokens alone: whether the real one does is unknown.

    Attributes:
        calls: Calls by login and method, as far as the caller made himself known.
    """

    def __init__(self, book: Rollbook, *, accounts: list[Account]) -> None:
        self._rng = Random(f"{book.seed}/tokens")
        # Credentials come from the seed, so that a configuration survives a restart of the sandbox.
        self.vendor = VENDOR
        self.devkey = f"{self._rng.getrandbits(128):032x}"
        self.devkey_without_access = f"{self._rng.getrandbits(128):032x}"
        self.accounts = accounts
        self.calls: dict[str, Counter[str]] = {}
        self._book = book
        self._by_login = {account.login: account for account in accounts}
        self._by_token = {account.token: account for account in accounts}

    def knows_vendor(self, vendor: str) -> bool:
        """Whether this is the school's sub-domain."""
        return vendor == self.vendor

    def check_developer(self, devkey: str, *, signing_in: bool) -> None:
        """Check the developer's key.

        Raises:
            Refused: 400 for an unknown key, 403 where a known one signs in without access.
        """
        # Only sign-in was seen to answer 403 for a key; what other methods say is unknown.
        if devkey == self.devkey_without_access and signing_in:
            raise Refused(403, NO_API_RIGHT)
        if devkey not in {self.devkey, self.devkey_without_access}:
            raise Refused(400, BAD_DEVELOPER)

    def sign_in(self, params: Mapping[str, str]) -> dict[str, str]:
        """Give a token for login and password; `expires` is Moscow time without a zone.

        Raises:
            Refused: 400 where they do not fit.
        """
        account = self._checked(params, state=400)
        self.count(account, "auth")
        token = f"{self._rng.getrandbits(160):040x}"
        self._by_token[token] = account
        # A rehearsal may play in the future: a token must not be born expired there.
        start = max(datetime.now(_MOSCOW), datetime.combine(self._book.term.today, time(), _MOSCOW))
        return {"token": token, "expires": f"{start + _TOKEN_LIFE:%Y-%m-%d %H:%M:%S}"}

    def account_of(self, params: Mapping[str, str]) -> Account:
        """The account that calls, by token or by login and password.

        Raises:
            Refused: 403 where neither holds.
        """
        if account := self._by_token.get(params.get("auth_token", "")):
            return account
        return self._checked(params, state=403)

    def count(self, account: Account, method: str) -> None:
        """Count a call of an account."""
        self.calls.setdefault(account.login, Counter())[method] += 1

    def forget_tokens(self) -> None:
        """Make every token given so far worthless, those from elsewhere too."""
        self._by_token.clear()

    def _checked(self, params: Mapping[str, str], *, state: int) -> Account:
        account = self._by_login.get(params.get("login", ""))
        if account is None or account.password != params.get("password"):
            raise Refused(state, BAD_LOGIN if "login" in params else NO_SESSION)
        return account
