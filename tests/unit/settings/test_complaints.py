"""Faults: every one in our own sentences, at its own place, without what was written."""

import pytest

from ejsync.errors import ConfigError
from ejsync.settings import load
from ejsync.wording import use_language

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


def faults(file):
    """Load a wrong file; return problem and expectation by key."""
    with pytest.raises(ConfigError) as caught:
        load(file)
    return {fault.key: (fault.problem, fault.expected) for fault in caught.value.faults}


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
def test_each_fault_is_a_sentence_of_ours(write_above, text, key, problem, expected):
    """A wrong value is named by its key, by what is wrong, and by what would be right."""
    found = faults(write_above(text))
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
def test_a_fault_inside_a_school_names_the_school(write_changed, old, new, key, problem):
    """Schools, sources and sinks are found by their names, entries without one by their number."""
    found = faults(write_changed(old, new))
    assert list(found) == [key]
    assert found[key][0].startswith(problem)


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


def test_two_schools_may_not_bear_one_name(write, least):
    """A school's name is its id everywhere."""
    assert faults(write(least + least))["schools[lyceum].name"][0] == "two entries bear one name"


def test_no_fault_repeats_a_value(write, least):
    """A secret that was written inline is nowhere in the error."""
    text = "[keys]\nmaster = 'hunter2'\n[delivery]\nbatch_items = 'hunter2'\n[logs]\nlevel = 'hunter2'\n"
    with pytest.raises(ConfigError) as caught:
        load(write(text + least))
    assert len(caught.value.faults) == 3
    assert "hunter2" not in str(caught.value)


def test_faults_are_said_in_russian_too(write, least):
    """The sentences come from the catalogue."""
    use_language("ru")
    assert faults(write("[delivery]\nbatch_itmes = 5\n" + least)) == {
        "delivery.batch_itmes": ("неизвестный ключ", "возможно, «batch_items»")
    }
