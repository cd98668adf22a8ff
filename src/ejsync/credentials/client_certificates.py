"""The settings of a client certificate, the same for every service that is spoken to over TLS."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ejsync.credentials import SecretRef

_MISMATCH = "KEY_VALUES_MISMATCH"


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate, its key and the key's password, as files; read anew at each use."""

    certificate: SecretRef
    key: SecretRef
    password: SecretRef | None = None

    def files(self) -> tuple[Path, ...]:
        """Return the files whose change means another certificate."""
        places = (self.certificate, self.key, *([self.password] if self.password else []))
        return tuple(Path(place.name) for place in places if place.scheme == "file")

    def load_into(self, context: ssl.SSLContext) -> None:
        """Present it in every connection of a context.

        Raises:
            OSError: a file is missing or no PEM, the two do not fit, or the password is wrong.
            LookupError: the password is missing.
        """
        # Never None: OpenSSL would ask the terminal for the password.
        password = self.password.reveal() if self.password else ""
        context.load_cert_chain(self.certificate.name, self.key.name, password)


class ShownAtTheDoor(BaseModel):
    """Settings of a service that may ask for a client certificate."""

    client_certificate: SecretRef | None = Field(
        default=None, description="PEM file of the certificate that the service asks for, `file:` only."
    )
    client_key_password: SecretRef | None = Field(
        default=None, description="Where the password of an encrypted client_key stands: `file:` or `env:`."
    )
    client_key: SecretRef | None = Field(
        default=None, description="PEM file of the key to client_certificate, `file:` only."
    )

    @field_validator("client_certificate", "client_key")
    @classmethod
    def _in_a_file(cls, value: SecretRef | None) -> SecretRef | None:
        if value is not None and value.scheme != "file":
            raise PydanticCustomError("certificate_place", "certificates and keys stand in files")
        return value

    @field_validator("client_certificate")
    @classmethod
    def _certificate_readable(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        if value is not None and (info.context or {}).get("reveal"):
            check_bundle(Path(value.name))
        return value

    @field_validator("client_key")
    @classmethod
    def _key_fits(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        certificate = info.data.get("client_certificate")
        if value is not None and certificate is not None and (info.context or {}).get("reveal"):
            _try(ClientCertificate(certificate, value, info.data.get("client_key_password")))
        return value

    @model_validator(mode="after")
    def _a_pair(self) -> Self:
        given = (self.client_certificate, self.client_key)
        if (given[0] is None) != (given[1] is None) or (given[0] is None and self.client_key_password is not None):
            raise PydanticCustomError("certificate_alone", "client_certificate and client_key belong together")
        return self

    @property
    def identity(self) -> ClientCertificate | None:
        """The certificate that is shown, if one is set."""
        if self.client_certificate is None or self.client_key is None:
            return None
        return ClientCertificate(self.client_certificate, self.client_key, self.client_key_password)


def _fresh() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _try(identity: ClientCertificate) -> None:
    try:
        identity.load_into(_fresh())
    except OSError as error:
        if getattr(error, "reason", None) == _MISMATCH:
            raise PydanticCustomError("key_mismatch", "certificate and key do not fit together") from None
        raise PydanticCustomError("key_unreadable", "no PEM key, or its password is wrong") from None
    except LookupError:
        raise PydanticCustomError("secret_absent", "the secret is missing or empty") from None


def check_bundle(file: Path) -> None:
    """Try a bundle of authorities.

    Raises:
        PydanticCustomError: it holds no certificate in PEM, or cannot be read.
    """
    try:
        _fresh().load_verify_locations(cafile=file)
    except OSError:
        raise PydanticCustomError("certificate_unreadable", "no PEM certificate") from None
