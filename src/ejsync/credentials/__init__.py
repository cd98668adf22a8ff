"""Secrets are named in the settings by file or environment variable, read when needed, and cannot be printed."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ejsync.credentials import revealed


@dataclass(frozen=True, slots=True, repr=False)
class SecretRef:
    """Where a secret stands: `file:PATH` or `env:NAME`; read again at each use, so rotation needs no restart."""

    scheme: str
    name: str

    @classmethod
    def parse(cls, text: str, folder: Path) -> "SecretRef":
        """Read a reference; a relative path starts at `folder`.

        Raises:
            ValueError: the text is no reference; the message never repeats it.
        """
        scheme, _, name = text.partition(":")
        if scheme not in {"file", "env"} or not name:
            raise ValueError("a secret is never written into the settings")
        return cls(scheme, str(folder / name) if scheme == "file" else name)

    def reveal(self) -> str:
        """Return the secret itself, without surrounding white space; from now on no text of ours repeats it.

        Raises:
            LookupError: the file or variable is missing or empty; the message names it, never its content.
        """
        value = self._value()
        revealed.remember(str(self), value)
        return value

    def require(self) -> None:
        """See to it that the secret is there, without keeping it.

        Raises:
            LookupError: as `reveal` does.
        """
        self._value()

    def _value(self) -> str:
        value = self._read().strip()
        if not value:
            raise LookupError(f"{self.scheme}:{self.name}")
        return value

    def _read(self) -> str:
        if self.scheme == "env":
            return os.environ.get(self.name, "")
        try:
            return Path(self.name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise LookupError(f"{self.scheme}:{self.name}") from None  # a decoding error carries the content

    def __repr__(self) -> str:
        return f"SecretRef({self.scheme}:{self.name})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic models carry references.

        The validation context brings the `folder` of relative paths, and `reveal` where a secret must be there already.
        """
        del source, handler
        return core_schema.with_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def _validate(cls, value: object, info: ValidationInfo) -> "SecretRef":
        if isinstance(value, cls):
            return value
        context = info.context or {}
        try:
            reference = cls.parse(value if isinstance(value, str) else "", Path(context.get("folder", ".")))
            if context.get("reveal"):
                reference.require()
        except ValueError:
            raise PydanticCustomError("secret_inline", "a secret is never written into the settings") from None
        except LookupError:
            raise PydanticCustomError("secret_absent", "the secret is missing or empty") from None
        return reference

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"
