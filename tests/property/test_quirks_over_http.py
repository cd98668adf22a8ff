"""The quirk property once more, over loopback HTTP and through the whole client."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import httpx
import pytest

from ejsync.contracts import Contracts
from ejsync.pipeline.ports import Surroundings
from ejsync.sandbox.quirks import ALL, QUIRKS
from ejsync.sources import EljurConfig, open_source
from ejsync.transport import Limits
from tests.doubles.clock import VirtualClock
from tests.doubles.journal import WAYS, PaperJournal
from tests.doubles.memory import DictMemory
from tests.property.test_quirks_say_the_same import said

pytestmark = pytest.mark.slow

SEED = 3
PROGRAM = f"""
from ejsync.sandbox.journal import announcement
from ejsync.sandbox.serving import serve
from tests.doubles.journal import PaperJournal
journal = PaperJournal({SEED})
serve(journal.app, host="127.0.0.1", port=0, announce=lambda url: announcement(journal.dialect, url))
"""


@pytest.fixture
def journal():
    """A simulated journal in a process of its own, and what it announced."""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, cwd=root) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture
def source(journal, monkeypatch):
    """The journal as the client opens it, with every account."""
    monkeypatch.setenv("DEVKEY", journal["devkey"])
    accounts = []
    for number, account in enumerate(journal["accounts"]):
        monkeypatch.setenv(f"PASSWORD_{number}", account["password"])
        accounts.append({"name": account["name"], "login": account["login"], "password": f"env:PASSWORD_{number}"})
    head = {"type": "eljur", "base_url": journal["base_url"] + "/apiv3", "vendor": journal["vendor"]}
    config = EljurConfig.model_validate({**head, "devkey": "env:DEVKEY", "accounts": accounts})
    zone = ZoneInfo("Europe/Moscow")
    around = Surroundings(VirtualClock(), Random(1), Contracts(), lambda body: "", DictMemory(), zone)
    opened = open_source(config, around, Limits())
    yield opened
    opened.close()


def test_over_http_a_quirk_changes_nothing_that_is_said(journal, source):
    """Read by the whole client, the school says the same plainly, through each quirk, and through all of them."""
    paper, told = PaperJournal(SEED), {}
    for profile in (None, *QUIRKS, ALL):
        on = [profile] if profile else []
        assert httpx.post(journal["control"] + "/quirks", json={"on": on}).status_code == 200
        for way in WAYS:
            window = paper.window(way)
            asked = replace(window, account=paper.account(window).login)
            found = said(source.read(source.fetch(asked), paper.roster))
            assert found == told.setdefault(way, found), (profile, way)
    assert len(told) == len(WAYS)
