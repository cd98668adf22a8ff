"""Tokens: how long one is good for, and how a refused sign-in is remembered (fact sheet, section 1, “Signing in”)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ejsync.sources.eljur.client.keepsakes import Keepsakes, instant

_MOSCOW = ZoneInfo("Europe/Moscow")
_SPARE = timedelta(days=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=15), timedelta(hours=4)
_COUNTED_FOR = timedelta(days=1)
_FRUITLESS_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in gave.

    Attributes:
        given_at: when we got it.
        ends_at: when it ends, if the service said so.
        cookies: the school's cookies that came with it, as `Cookies.written` writes them.
    """

    value: str = field(repr=False)
    given_at: datetime
    ends_at: datetime | None = None
    cookies: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    def is_spent(self, now: datetime) -> bool:
        """Tell whether it ends within a day; one that lives less than two days is good for half its life.

        One that ended before it was given comes from a clock that is wrong: the service itself will refuse it.
        """
        if self.ends_at is None or self.ends_at <= self.given_at:
            return False
        return now >= self.ends_at - min(_SPARE, (self.ends_at - self.given_at) / 2)


@dataclass(frozen=True, slots=True)
class Failure:
    """A sign-in that was refused, and until when the same credentials are not tried again."""

    reason: str
    again_at: datetime
    times: int


class TokenKeeper:
    """The keepsakes of signing in, as what they are."""

    def __init__(self, keepsakes: Keepsakes) -> None:
        self._keepsakes = keepsakes

    def token(self, proof: bytes) -> Token | None:
        """Return the token that these credentials got last, by this run or another."""
        kept = self._keepsakes.recall("token", proof)
        given_at = instant(kept["given_at"]) if kept else None
        if kept is None or given_at is None:
            return None
        return Token(kept["token"], given_at, instant(kept["ends_at"]), tuple(kept["cookies"]))

    def keep_token(self, proof: bytes, token: Token) -> None:
        """Keep a token; what was refused before is over."""
        told = {"token": token.value, "given_at": token.given_at, "ends_at": token.ends_at, "cookies": token.cookies}
        self._keepsakes.keep("token", proof, **told)
        if self.failure(proof):
            self._keepsakes.forget("failure")

    def failure(self, proof: bytes) -> Failure | None:
        """Return how these credentials were refused last; None if they were not, or were taken since."""
        kept = self._keepsakes.recall("failure", proof)
        again_at = instant(kept["again_at"]) if kept else None
        return Failure(kept["reason"], again_at, kept["times"]) if kept and again_at else None

    def refused(self, proof: bytes, reason: str, now: datetime) -> Failure:
        """Remember that these credentials were refused: for 15 minutes, then twice as long each time, up to 4 hours.

        A day after the last wait the count begins anew. Their token goes too: it led to this sign-in.
        """
        before = self.failure(proof)
        times = before.times + 1 if before and now - before.again_at < _COUNTED_FOR else 1
        wait = min(_FIRST_WAIT * 2 ** min(times - 1, 10), _LONGEST_WAIT)
        self._keepsakes.forget("token")
        self._keepsakes.keep("failure", proof, reason=reason, again_at=now + wait, times=times)
        return Failure(reason, now + wait, times)

    def is_fruitless(self, method: str, proof: bytes, now: datetime) -> bool:
        """Tell whether a new token did not help this method within the last hour."""
        kept = self._keepsakes.recall(f"fruitless/{method}", proof)
        since = instant(kept["at"]) if kept else None
        return since is not None and timedelta(0) <= now - since < _FRUITLESS_FOR

    def keep_fruitless(self, method: str, proof: bytes, now: datetime) -> None:
        """Remember that a new token did not help this method: the account has no right to it."""
        self._keepsakes.keep(f"fruitless/{method}", proof, at=now)


def parse_end(text: Any) -> datetime | None:
    """Read `expires`: `YYYY-MM-DD HH:MM:SS` in Moscow time without a zone; None where it is anything else."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=_MOSCOW).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
