"""Settings: defaults, the environment above the file, every fault at once in our own sentences."""

import re
import tomllib
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days
from ejsync.errors import ConfigError
from ejsync.settings import Settings, chosen_file, load
from ejsync.sinks.ed.config import EdConfig
from ejsync.sources.eljur.config import EljurAccount, EljurConfig
from ejsync.wording import use_language

CONFIG = Path(__file__).parents[2] / "config"
SECRETS = ("state/master.key", "secrets/eljur-devkey", "secrets/eljur-password", "secrets/ed-token")
LEAST = """
[[schools]]
name = "lyceum"
title = "Лицей"
timezone = "Asia/Omsk"
sinks = [{type = "dryrun", name = "dryrun"}]
source = {type = "recorded", folder = "pages"}
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """Speak English and see no settings of the machine the tests run on."""
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.delenv("EJSYNC_CONFIG", raising=False)
    use_language("en")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a settings file beside dummy secrets."""
    for name in SECRETS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("dummy")

    def _write(text):
        file = tmp_path / "ejsync.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return _write


def faults(file):
    """Load a wrong file; return problem and expectation by key."""
    with pytest.raises(ConfigError) as caught:
        load(file)
    return {fault.key: (fault.problem, fault.expected) for fault in caught.value.faults}


def test_the_least_file_gets_every_default(write):
    """One school is enough; all else has a default."""
    settings = load(write(LEAST))
    assert settings.delivery.batch_items == 500
    assert settings.schools[0].zone == ZoneInfo("Asia/Omsk")
    assert settings.guard.rule().least_count == 25


def test_relative_paths_start_at_the_file(write, tmp_path):
    """Store, secrets and folders do not depend on the working directory."""
    settings = load(write(LEAST))
    assert settings.store.path == tmp_path / "state/ejsync.db"
    assert settings.keys.master.name == str(tmp_path / "state/master.key")
    assert settings.schools[0].source.folder == tmp_path / "pages"


def test_settings_cannot_be_changed(write):
    """What was loaded stays as it was loaded."""
    with pytest.raises(ValueError, match="frozen"):
        load(write(LEAST)).delivery.batch_items = 1


@pytest.mark.parametrize(
    ("feed", "first", "last"),
    [
        (Feed.MARKS, date(2026, 9, 1), date(2027, 2, 10)),
        (Feed.HOMEWORK, date(2027, 1, 27), date(2027, 2, 24)),
        (Feed.ROSTER, date(2026, 9, 1), date(2027, 2, 10)),
    ],
)
def test_a_feed_knows_its_days(write, feed, first, last):
    """Marks reach back to 1 September, dated feeds as far as they say, the others have the year so far."""
    rule = load(write(LEAST)).feeds.of(feed)
    assert rule.days(date(2027, 2, 10)) == Days(first, last)


def test_every_feed_has_a_rule(write):
    """No feed of the domain is without a schedule."""
    feeds = load(write(LEAST)).feeds
    assert {feed: feeds.of(feed).every_minutes for feed in Feed} == {
        Feed.ROSTER: 720,
        Feed.PERIODS: 720,
        Feed.TIMETABLE: 30,
        Feed.HOMEWORK: 15,
        Feed.MARKS: 10,
        Feed.FINALS: 60,
    }


def test_the_environment_stands_above_the_file(write, monkeypatch):
    """A variable replaces one key and leaves its neighbours."""
    monkeypatch.setenv("EJSYNC_DELIVERY__BATCH_ITEMS", "7")
    monkeypatch.setenv("EJSYNC_FEEDS__HOMEWORK__DAYS_BACK", "school_year")
    settings = load(write("[delivery]\nbatch_items = 9\nevery_seconds = 11\n" + LEAST))
    assert (settings.delivery.batch_items, settings.delivery.every_seconds) == (7, 11)
    assert (settings.feeds.homework.days_back, settings.feeds.homework.every_minutes) == ("school_year", 15)


def test_the_file_is_the_given_the_named_or_the_local_one(monkeypatch):
    """An argument wins over EJSYNC_CONFIG, which wins over ./ejsync.toml."""
    assert chosen_file() == Path("ejsync.toml")
    monkeypatch.setenv("EJSYNC_CONFIG", "named.toml")
    assert chosen_file() == Path("named.toml")
    assert chosen_file(Path("given.toml")) == Path("given.toml")


@pytest.mark.parametrize(
    ("text", "key", "problem", "expected"),
    [
        ("[delivery]\nbatch_itmes = 5", "delivery.batch_itmes", "unknown key", "perhaps “batch_items”"),
        ("[gard]", "gard", "unknown key", "perhaps “guard”"),
        ("[keys]\nxyz = 1", "keys.xyz", "unknown key", "one of: master"),
        ("[delivery]\nbatch_items = 0", "delivery.batch_items", "the number is too small", "1 or more"),
        ("[delivery]\nbatch_items = 9999", "delivery.batch_items", "the number is too large", "1000 or less"),
        ("[delivery]\nbatch_items = 'x'", "delivery.batch_items", "this is not a whole number", "a whole number"),
        ("[http]\ntotal_s = 0", "http.total_s", "the number is too small", "more than 0"),
        ("[http]\nca_bundle = 'no.pem'", "http.ca_bundle", "there is no such file", "the path of a file"),
        ("[feeds.marks]\nenabled = 'x'", "feeds.marks.enabled", "this is neither true nor false", "true or false"),
        ("[feeds.marks]\ndays_back = -1", "feeds.marks.days_back", "this is not a number of days", "days from 0"),
        ("[logs]\nlevel = 'loud'", "logs.level", "this value is not known", "one of: 'debug', 'info'"),
        ("logs = 1", "logs", "this is not a table", "a table of keys"),
        ("[keys]\nmaster = 'hunter2'", "keys.master", "a secret is never written into", "file:PATH or env:NAME"),
        ("[keys]\nmaster = 'env:EJSYNC_NO'", "keys.master", "the secret is missing or empty", "a readable file"),
        ("[store]\npath = 1", "store.path", "this is not text", "text in quotes"),
    ],
)
def test_each_fault_is_a_sentence_of_ours(write, text, key, problem, expected):
    """A wrong value is named by its key, by what is wrong, and by what would be right."""
    found = faults(write(f"{text}\n{LEAST}"))
    assert list(found) == [key]
    assert found[key][0].startswith(problem)
    assert found[key][1].startswith(expected)


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ("Asia/Omsk", "Asia/Omks", "schools[lyceum].timezone", "there is no such time zone"),
        ('"lyceum"', '"Ly Ceum"', "schools[Ly Ceum].name", "the text has a wrong form"),
        ('title = "Лицей"', "", "schools[lyceum].title", "the key is missing"),
        ('name = "lyceum"', "", "schools[#1].name", "the key is missing"),
        ('"recorded"', '"1c"', "schools[lyceum].source.type", "this value is not known"),
        ('type = "recorded", ', "", "schools[lyceum].source.type", "the key is missing"),
        ('folder = "pages"', 'folder = "p", flder = 1', "schools[lyceum].source.flder", "unknown key"),
        ('{type = "dryrun", name = "dryrun"}', "", "schools[lyceum].sinks", "the list has too few entries"),
        ('"dryrun"}', '"dryrun"}, {type = "dryrun", name = "dryrun"}', "schools[lyceum].sinks[dryrun].name", "two"),
        ('"dryrun", name = "dryrun"', '"ed", base_url = "https://e"', "schools[lyceum].sinks[#1]", "there is no one"),
        (
            '{type = "dryrun", name = "dryrun"}',
            '{type = "ed", name = "ed", base_url = "https://e", token = "hunter2"}',
            "schools[lyceum].sinks[ed].token",
            "a secret is never",
        ),
    ],
)
def test_a_fault_inside_a_school_names_the_school(write, old, new, key, problem):
    """Schools, sources and sinks are found by their names, entries without one by their number."""
    found = faults(write(LEAST.replace(old, new)))
    assert list(found) == [key]
    assert found[key][0].startswith(problem)


ACCOUNTS = """
[[schools]]
name = "lyceum"
title = "Лицей"
timezone = "Asia/Omsk"
sinks = [{type = "dryrun", name = "dryrun"}]
[schools.source]
type = "eljur"
base_url = "https://e"
vendor = "v"
devkey = "file:secrets/eljur-devkey"
"""
ONE = 'name = "a", password = "file:secrets/eljur-password", login = "x"'


@pytest.mark.parametrize(
    ("accounts", "key", "problem"),
    [
        (f"{{{ONE}}}, {{{ONE}}}", "schools[lyceum].source.accounts[a].name", "two entries bear one name"),
        (f'{{{ONE}, token = "env:HOME"}}', "schools[lyceum].source.accounts[a]", "an account has exactly one"),
        ('{name = "b", password = "env:HOME"}', "schools[lyceum].source.accounts[b]", "an account with a password"),
    ],
)
def test_accounts_are_checked_with_the_connector_s_own_sentences(write, accounts, key, problem):
    """What a connector finds wrong is shown in its words, as a fault like any other."""
    found = faults(write(f"{ACCOUNTS}accounts = [{accounts}]"))
    assert found[key][0].startswith(problem)


def test_two_schools_may_not_bear_one_name(write):
    """A school's name is its id everywhere."""
    assert faults(write(LEAST + LEAST))["schools[lyceum].name"][0] == "two entries bear one name"


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


def test_no_fault_repeats_a_value(write):
    """A secret that was written inline is nowhere in the error."""
    text = "[keys]\nmaster = 'hunter2'\n[delivery]\nbatch_items = 'hunter2'\n[logs]\nlevel = 'hunter2'\n"
    with pytest.raises(ConfigError) as caught:
        load(write(text + LEAST))
    assert len(caught.value.faults) == 3
    assert "hunter2" not in str(caught.value)


def test_secrets_may_be_absent_where_that_is_asked_for(write, tmp_path):
    """A first start, which makes the master key, loads the settings before there is one."""
    file = write(LEAST)
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


def test_a_byte_order_mark_does_no_harm(write, tmp_path):
    """Windows editors write one."""
    write("")
    (tmp_path / "ejsync.toml").write_text(LEAST, encoding="utf-8-sig")
    assert load(tmp_path / "ejsync.toml").schools[0].title == "Лицей"


def test_a_list_in_the_environment_must_be_json(write, monkeypatch):
    """A broken list is named by its variable."""
    monkeypatch.setenv("EJSYNC_SCHOOLS", "[{")
    assert faults(write(LEAST))["EJSYNC_SCHOOLS"][0] == "this is no JSON"


def test_faults_are_said_in_russian_too(write):
    """The sentences come from the catalogue."""
    use_language("ru")
    assert faults(write("[delivery]\nbatch_itmes = 5\n" + LEAST)) == {
        "delivery.batch_itmes": ("неизвестный ключ", "возможно, «batch_items»")
    }


def test_the_example_loads_without_faults(write):
    """config/ejsync.toml is usable as it stands, once its secrets are there."""
    assert load(write((CONFIG / "ejsync.toml").read_text(encoding="utf-8"))).schools[0].name == "lyceum"


def test_the_example_names_every_setting_with_its_default(write):
    """What config/ejsync.toml shows beside the school is exactly what holds without it."""
    example = load(write((CONFIG / "ejsync.toml").read_text(encoding="utf-8")))
    plain = load(write(LEAST))
    assert example.model_dump(exclude={"schools"}) == plain.model_dump(exclude={"schools"})
    text = (CONFIG / "ejsync.toml").read_text(encoding="utf-8")
    written = tomllib.loads(text)
    for path, optional in _settings(Settings):
        assert _stands(written, path) or (optional and re.search(rf"^# {path[-1]} = ", text, re.MULTILINE)), path


@pytest.mark.parametrize("model", [EljurConfig, EljurAccount, EdConfig])
def test_the_example_names_every_setting_of_the_connectors(model):
    """Each key of a journal, an account and a diary service stands in config/ejsync.toml, commented out or not."""
    text = (CONFIG / "ejsync.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE)) | {"accounts"}
    assert set(model.model_fields) <= keys


def test_every_setting_is_described():
    """No key is without a sentence that says what it means."""
    assert [path for path, field in _fields(Settings) if not field.description] == []


def test_the_development_example_loads(monkeypatch):
    """config/ejsync.dev.toml is usable with the variables of config/ejsync.env.example."""
    for line in (CONFIG / "ejsync.env.example").read_text(encoding="utf-8").splitlines():
        if line.startswith("EJSYNC_"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value or "dummy")
    monkeypatch.setenv("EJSYNC_CONFIG", str(CONFIG / "ejsync.dev.toml"))
    assert load().schools[0].name == "sandbox"


def _fields(model, path=()):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, (*path, name))
        else:
            yield (*path, name), field


def _settings(model):
    return [(path, field.default is None) for path, field in _fields(model)]


def _stands(data, path):
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data is not None
