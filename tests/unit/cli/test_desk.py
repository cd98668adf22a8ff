"""What every verb starts from."""

from pathlib import Path

import pytest

from ejsync.cli.desk import Desk, secrets
from ejsync.errors import ConfigError


def test_reading_verbs_do_without_secrets(home):
    """Settings load without revealing; revealing names the file that is missing."""
    (home / "master.key").unlink()
    assert Desk(Path("ejsync.toml")).settings().schools[0].name == "school-7"
    with pytest.raises(ConfigError) as caught:
        Desk(Path("ejsync.toml")).settings(reveal=True)
    assert "master.key" in caught.value.faults[0].problem


def test_every_secret_of_the_settings_is_found(home):
    """References are spelt with the keys that faults use."""
    (home / "full.toml").write_text(
        '[[schools]]\nname = "a"\ntitle = "A"\ntimezone = "Europe/Moscow"\n[schools.source]\ntype = "eljur"\n'
        'base_url = "https://a.eljur.ru/apiv3"\nvendor = "a"\ndevkey = "env:DEVKEY"\n'
        '[[schools.source.accounts]]\nname = "r"\nlogin = "r"\npassword = "env:P"\n'
        '[[schools.sinks]]\ntype = "ed"\nname = "ed"\nbase_url = "https://ed.example"\ntoken = "env:T"\n'
    )
    found = dict(secrets(Desk(Path("full.toml")).settings()))
    assert {"schools[a].source.accounts[r].password", "schools[a].sinks[ed].token", "keys.master"} <= set(found)


def test_other_faults_stay_as_they_are(home):
    """Where the file has worse faults than missing secrets, they are told unchanged."""
    (home / "bad.toml").write_text("schools = 1\n")
    with pytest.raises(ConfigError):
        Desk(Path("bad.toml")).settings(reveal=True)


def test_the_exchange_opens_beside_nobody(home):
    """An operator's exchange takes no lease."""
    with Desk().exchange() as exchange:
        assert exchange.schools["school-7"].epoch == 0
