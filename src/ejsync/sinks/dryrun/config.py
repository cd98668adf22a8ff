"""Settings of the dry-run sink."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class DryRunConfig(BaseModel):
    """A sink that sends nothing anywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["dryrun"] = "dryrun"
    name: str = Field("dryrun", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="name of the sink in all tables")
