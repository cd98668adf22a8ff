"""The registry of sources."""

import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from ejsync.sources import EljurConfig, RecordedConfig, SourceConfig, open_source
from ejsync.sources.eljur.client import EljurSource
from ejsync.sources.recorded.client import RecordedSource
from ejsync.transport import Limits

ELJUR = {
    "type": "eljur",
    "base_url": "https://school.invalid/apiv3/",
    "vendor": "school",
    "devkey": "env:DEVKEY",
    "accounts": [{"name": "bridge", "token": "env:TOKEN"}],
}


@pytest.mark.parametrize(
    ("given", "kind"), [(ELJUR, EljurConfig), ({"type": "recorded", "folder": "pages"}, RecordedConfig)]
)
def test_type_chooses_the_settings(given, kind):
    """A source's settings are told apart by `type`."""
    assert isinstance(TypeAdapter(SourceConfig).validate_python(given), kind)


def test_unknown_type_is_refused():
    """A source of a type that nobody knows is a fault of the settings."""
    with pytest.raises(ValidationError):
        TypeAdapter(SourceConfig).validate_python({"type": "paper"})


@pytest.mark.parametrize(
    ("given", "kind"), [(ELJUR, EljurSource), ({"type": "recorded", "folder": "pages"}, RecordedSource)]
)
def test_open_source_gives_the_connector(around, given, kind):
    """Opening a source gives the connector of its type and sends nothing."""
    config = TypeAdapter(SourceConfig).validate_python(given)
    source = open_source(config, around, Limits())
    assert isinstance(source, kind)


def test_settings_load_without_the_http_client():
    """Importing the registry loads neither httpx nor a connector's client, so the CLI starts fast."""
    program = "import sys, ejsync.sources; print([m for m in sys.modules if m == 'httpx' or m.endswith('.client')])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
