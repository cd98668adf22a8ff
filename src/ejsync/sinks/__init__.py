"""The registry of sinks: their settings by `type`, and how each is opened."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from ejsync.pipeline.ports import Clock, Sink
from ejsync.sinks.dryrun.config import DryRunConfig
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits

SinkConfig = Annotated[EdConfig | DryRunConfig, Field(discriminator="type")]


def open_sink(config: EdConfig | DryRunConfig, *, clock: Clock, limits: Limits) -> Sink:
    """Build the sink that a configuration describes."""
    if isinstance(config, DryRunConfig):
        from ejsync.sinks.dryrun.client import DryRunSink  # noqa: PLC0415 - clients load only when used

        return DryRunSink()
    from ejsync.sinks.ed.client import EdSink  # noqa: PLC0415 - as above

    return EdSink(config, clock=clock, limits=replace(limits, identity=config.identity))
