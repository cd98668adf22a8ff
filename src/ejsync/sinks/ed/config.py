"""Settings of the electronic diary sink."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ejsync.credentials import SecretRef
from ejsync.credentials.client_certificates import ShownAtTheDoor

_ADDRESS = r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$"


class EdConfig(ShownAtTheDoor):
    """Where the diary service is and how to sign in: a static token, or OAuth2 client credentials."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["ed"] = "ed"
    name: str = Field("ed", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="name of the sink in all tables")
    base_url: str = Field(pattern=_ADDRESS, description="address of the service, without /v1")
    token: SecretRef | None = Field(None, description="static bearer token: file:PATH or env:NAME")
    token_url: str | None = Field(None, pattern=_ADDRESS, description="where OAuth2 tokens are issued")
    client_id: str | None = Field(None, description="OAuth2 client id")
    client_secret: SecretRef | None = Field(None, description="OAuth2 client secret: file:PATH or env:NAME")
    compression: Literal["gzip", "zstd", "none"] = Field("gzip", description="how batches are compressed")

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        by_client = (self.token_url, self.client_id, self.client_secret)
        if (self.token is None) == all(part is None for part in by_client):
            raise PydanticCustomError("sign_in", "either token, or token_url with client_id and client_secret")
        if self.token is None and any(part is None for part in by_client):
            raise PydanticCustomError("sign_in", "token_url, client_id and client_secret belong together")
        return self
