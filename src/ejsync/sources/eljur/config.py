"""Settings of an ElJur journal: where it is, who may read it, and how gently it is read."""

from collections import Counter
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ejsync.credentials import SecretRef
from ejsync.credentials.client_certificates import ShownAtTheDoor
from ejsync.wording import N_


def _fault(code: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError(code, sentence)


class EljurAccount(BaseModel):
    """One account of the school; the rights of all of them add up (fact sheet, section 1, “Who may read what”)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="What the account is called in messages and audit; not its login.")
    login: str | None = Field(default=None, min_length=1, description="Login; needed together with a password.")
    password: SecretRef | None = Field(default=None, description="Where the password stands: `file:` or `env:`.")
    token: SecretRef | None = Field(
        default=None, description="Where a ready-made token stands (OAuth or regional single sign-on)."
    )
    sign_in: Literal["token", "each_call"] = Field(
        default="token",
        description="`token`: sign in once and keep the token; `each_call`: login and password travel with every call.",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.token is None):
            raise _fault("account_way_in", N_("an account has exactly one of password and token"))
        if self.password is not None and self.login is None:
            raise _fault("account_login", N_("an account with a password needs its login"))
        if self.token is not None and self.sign_in == "each_call":
            raise _fault("account_each_call", N_("an account that signs in with each call needs a password"))
        return self


class EljurConfig(ShownAtTheDoor):
    """One school's journal in ElJur."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["eljur"] = Field(description="The kind of source.")
    base_url: str = Field(
        pattern=r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$",
        description="Scheme, host and prefix of the API, e.g. `https://school.eljur.ru/apiv3`.",
    )
    vendor: str = Field(
        pattern=r"^[0-9A-Za-z_.-]{1,100}$", description="The school's sub-domain (a constant on many-school hosts)."
    )
    devkey: SecretRef = Field(description="Where the developer key stands: `file:` or `env:`.")
    accounts: tuple[EljurAccount, ...] = Field(min_length=1, description="The accounts to read with, preferred first.")
    request_pause_ms: int = Field(
        default=300, ge=0, le=60_000, description="Least time between the starts of two requests to the host, in ms."
    )
    pupils_per_request: int = Field(
        default=100,
        ge=1,
        le=200,
        description="How many pupils one read asks for at most: groups begin with 25 and grow while answers are quick.",
    )
    longest_span_days: int = Field(
        default=14, ge=1, le=366, description="Days of one timetable, homework or diary read at most."
    )
    longest_marks_span_days: int = Field(default=366, ge=1, le=366, description="Days of one read of marks at most.")
    parallel_reads: int = Field(default=2, ge=1, le=16, description="Requests under way to the host at once, at most.")

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("accounts")
    @classmethod
    def _named_apart(cls, value: tuple[EljurAccount, ...]) -> tuple[EljurAccount, ...]:
        if any(count > 1 for count in Counter(account.name for account in value).values()):
            raise _fault("account_names", N_("every account has a name of its own"))
        return value
