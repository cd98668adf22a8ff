"""Reading: the file, the environment above it, paths, secrets that must be there."""

from pathlib import Path

import pytest

from ejsync.errors import ConfigError
from ejsync.settings import chosen_file, load


def faults(file):
    """Load a wrong file; return problem and expectation by key."""
    with pytest.raises(ConfigError) as caught:
        load(file)
    return {fault.key: (fault.problem, fault.expected) for fault in caught.value.faults}


def test_relative_paths_start_at_the_file(write, least, tmp_path):
    """Store, secrets and folders do not depend on the working directory."""
    settings = load(write(least))
    assert settings.store.path == tmp_path / "state/ejsync.db"
    assert settings.keys.master.name == str(tmp_path / "state/master.key")
    assert settings.schools[0].source.folder == tmp_path / "pages"


def test_the_environment_stands_above_the_file(write, least, monkeypatch):
    """A variable replaces one key and leaves its neighbours."""
    monkeypatch.setenv("EJSYNC_DELIVERY__BATCH_ITEMS", "7")
    monkeypatch.setenv("EJSYNC_FEEDS__HOMEWORK__DAYS_BACK", "school_year")
    settings = load(write("[delivery]\nbatch_items = 9\nevery_seconds = 11\n" + least))
    assert (settings.delivery.batch_items, settings.delivery.every_seconds) == (7, 11)
    assert (settings.feeds.homework.days_back, settings.feeds.homework.every_minutes) == ("school_year", 15)


def test_the_file_is_the_given_the_named_or_the_local_one(monkeypatch):
    """An argument wins over EJSYNC_CONFIG, which wins over ./ejsync.toml."""
    assert chosen_file() == Path("ejsync.toml")
    monkeypatch.setenv("EJSYNC_CONFIG", "named.toml")
    assert chosen_file() == Path("named.toml")
    assert chosen_file(Path("given.toml")) == Path("given.toml")


def test_all_faults_are_listed_at_once(write, monkeypatch):
    """The file, the environment, the secrets: one reading names everything."""
    monkeypatch.setenv("EJSYNC_DELIVERY__EVERY_SECONDS", "soon")
    monkeypatch.setenv("EJSYNC_GUARD__SHARE", "1")
    monkeypatch.setenv("EJSYNC_GARD__SHARE", "1")
    found = faults(write("[keys]\nmaster = 'env:EJSYNC_NO'\n[delivery]\nbatch_items = 0\n[logs]\nlevle = 1\n"))
    assert set(found) == {
        "keys.master",
        "delivery.batch_items",
        "logs.levle",
        "schools",
        "EJSYNC_DELIVERY__EVERY_SECONDS",
        "EJSYNC_GUARD__SHARE",
        "EJSYNC_GARD__SHARE",
    }


def test_secrets_may_be_absent_where_that_is_asked_for(write, least, tmp_path):
    """A first start, which makes the master key, loads the settings before there is one."""
    file = write(least)
    (tmp_path / "state/master.key").unlink()
    assert list(faults(file)) == ["keys.master"]
    assert load(file, reveal=False).keys.master.scheme == "file"


@pytest.mark.parametrize(
    ("content", "key", "problem"),
    [
        (b"[store]\npath = x\n", "line 2", "this is no TOML"),
        (b'[store]\npath = "', "the end of the file", "this is no TOML"),
        (b"\xff\xfe", "", "the file is not UTF-8 text"),
        (None, "", "there is no such file, or it cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path, content, key, problem):
    """Syntax is named with its line; a missing or foreign file as such."""
    file = tmp_path / "ejsync.toml"
    if content is not None:
        file.write_bytes(content)
    assert {name: found[0] for name, found in faults(file).items()} == {key: problem}


def test_a_byte_order_mark_does_no_harm(write, least, tmp_path):
    """Windows editors write one."""
    write("")
    (tmp_path / "ejsync.toml").write_text(least, encoding="utf-8-sig")
    assert load(tmp_path / "ejsync.toml").schools[0].title == "Лицей"


def test_a_list_in_the_environment_must_be_json(write, least, monkeypatch):
    """A broken list is named by its variable."""
    monkeypatch.setenv("EJSYNC_SCHOOLS", "[{")
    assert faults(write(least))["EJSYNC_SCHOOLS"][0] == "this is no JSON"


def test_a_secret_is_named_in_the_environment_as_in_the_file(write, least, monkeypatch, tmp_path):
    """A reference in a variable needs no JSON quotes, and stands above the file's."""
    monkeypatch.setenv("EJSYNC_KEYS__MASTER", "file:state/master.key")
    settings = load(write("[keys]\nmaster = 'env:EJSYNC_NO'\n" + least))
    assert settings.keys.master.name == str(tmp_path / "state/master.key")


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("EJSYNC_KEYS", "abc", "this is not a table"),
        ("EJSYNC_SCHOOLS", "x", "this is not a list"),
        ("EJSYNC_KEYS__MASTER", "hunter2", "a secret is never written into the settings"),
    ],
)
def test_plain_text_where_more_is_needed_is_a_fault_of_its_variable(write_above, monkeypatch, variable, value, problem):
    """Text that is no JSON breaks the check of its place, not the reading, and is never repeated."""
    monkeypatch.setenv(variable, value)
    found = faults(write_above(""))
    assert {key: words[0] for key, words in found.items()} == {variable: problem}
    assert value not in str(found.values())


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[\n" * 5_000,
        "a" + ".a" * 5_000 + " = 1",
        "[a" + ".a" * 1_000 + "]\na" + ".a" * 1_000 + " = 1",
        "a = " + "9" * 5_000,
        "a = 0x" + "f" * 5_000,
        "a = " + "9" * 2_999,
    ],
    ids=["deep", "deep-lines", "dotted", "dotted-twice", "digits", "hex-digits", "long"],
)
def test_toml_without_bounds_is_no_toml(write, text):
    """Nesting, dots and digits that would end in gigabytes or a traceback are one fault with a place."""
    (key,) = found = faults(write(text))
    assert key.startswith("line") or key == "the end of the file"
    assert found[key][0] == "this is no TOML"


def test_depth_that_can_be_read_is_only_unknown(write_above):
    """What is nested as deep as is read at all is told like any other unknown key."""
    assert set(faults(write_above("[a" + ".a" * 100 + "]\na" + ".a" * 100 + " = " + "[" * 100 + "]" * 100))) == {"a"}
