"""The registry of sources: a setting's `type` chooses the connector; its client is loaded only when it is opened."""

from random import Random
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.recorded.config import RecordedConfig

if TYPE_CHECKING:
    from ejsync.pipeline.ports import Checker, Clock, Source
    from ejsync.transport import Limits

__all__ = ["EljurConfig", "RecordedConfig", "SourceConfig", "open_source"]

SourceConfig = Annotated[EljurConfig | RecordedConfig, Field(discriminator="type")]
"""The settings of any source, told apart by `type`."""


def open_source(
    config: EljurConfig | RecordedConfig, *, clock: "Clock", rng: Random, limits: "Limits", contracts: "Checker"
) -> "Source":
    """Open the source that the settings describe; nothing is sent yet.

    Args:
        config: the settings of one source.
        clock: paces the reads and waits between tries.
        rng: spreads the waits between tries.
        limits: bounds of one request, and how often it is tried.
        contracts: checks what comes back (`contracts/eljur/v1`).
    """
    if isinstance(config, RecordedConfig):
        from ejsync.sources.recorded.client import RecordedSource  # noqa: PLC0415 - only what is opened is loaded

        return RecordedSource(config)
    from ejsync.sources.eljur.client import EljurSource  # noqa: PLC0415 - loads the HTTP client

    return EljurSource(config, clock=clock, rng=rng, limits=limits, contracts=contracts)
