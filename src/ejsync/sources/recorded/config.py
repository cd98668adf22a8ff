"""Settings of a recorded source: where its pages lie."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator


class RecordedConfig(BaseModel):
    """A folder of recorded pages, one JSON file each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["recorded"] = Field(description="The kind of source.")
    folder: Path = Field(description="Where the pages lie; a relative path starts at the folder of the settings.")

    @field_validator("folder")
    @classmethod
    def _from_settings(cls, value: Path, info: ValidationInfo) -> Path:
        return Path((info.context or {}).get("folder", ".")) / value
