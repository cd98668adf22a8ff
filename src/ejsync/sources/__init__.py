"""The registry of sources: a setting's `type` chooses the connector; its client is loaded only when it is opened."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.recorded.config import RecordedConfig

if TYPE_CHECKING:
    from ejsync.pipeline.ports import Source, Surroundings
    from ejsync.transport import Limits

__all__ = ["EljurConfig", "RecordedConfig", "SourceConfig", "open_source"]

SourceConfig = Annotated[EljurConfig | RecordedConfig, Field(discriminator="type")]
"""The settings of any source, told apart by `type`."""


def open_source(config: EljurConfig | RecordedConfig, around: "Surroundings", limits: "Limits") -> "Source":
    """Open the source that the settings describe; nothing is sent yet.

    Args:
        config: the settings of one source.
        around: clock, randomness, contracts, memory: what a source that speaks to a service is handed.
        limits: bounds of one request, and how often it is tried.
    """
    if isinstance(config, RecordedConfig):
        from ejsync.sources.recorded.client import RecordedSource  # noqa: PLC0415 - only what is opened is loaded

        return RecordedSource(config)
    from ejsync.sources.eljur.client import EljurSource  # noqa: PLC0415 - loads the HTTP client

    return EljurSource(config, around, replace(limits, identity=config.identity))
