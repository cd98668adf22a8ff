"""ports: what is plugged in fits the Protocols that the stages were written against."""

import inspect

import pytest

from ejsync.pipeline import ports
from ejsync.runtime import InlineExecutor, PoolExecutor, SystemClock
from ejsync.sinks.dryrun.client import DryRunSink
from ejsync.sinks.ed.client import EdSink
from ejsync.sources.eljur.client import EljurSource
from ejsync.sources.recorded.client import RecordedSource
from ejsync.store import SqlStore
from tests.doubles.clock import VirtualClock
from tests.doubles.sink import StrictSink
from tests.doubles.source import ScriptedSource

FITTING = [
    (ports.Clock, SystemClock),
    (ports.Clock, VirtualClock),
    (ports.Executor, InlineExecutor),
    (ports.Executor, PoolExecutor),
    (ports.Sink, EdSink),
    (ports.Sink, DryRunSink),
    (ports.Sink, StrictSink),
    (ports.Source, EljurSource),
    (ports.Source, RecordedSource),
    (ports.Source, ScriptedSource),
    (ports.Store, SqlStore),
]


def methods(protocol):
    """The public methods of a Protocol."""
    return {name: member for name, member in vars(protocol).items() if inspect.isfunction(member) and name[0] != "_"}


@pytest.mark.parametrize(("port", "concrete"), FITTING, ids=lambda value: value.__name__)
def test_a_concrete_has_every_method_of_its_port_with_the_same_parameters(port, concrete):
    """Each concrete, and each double of the tests, can be called as its port promises."""
    for name, member in methods(port).items():
        found = inspect.signature(getattr(concrete, name))
        assert list(found.parameters) == list(inspect.signature(member).parameters), name
