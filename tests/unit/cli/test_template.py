"""The settings file that `init` writes."""

import tomllib

from ejsync.cli.template import filled, secret_files, template


def test_answers_stand_in_their_places_and_nothing_else_changes():
    """Only the lines that were answered differ from the template."""
    text = filled(template(), {"schools.title": 'Школа "7"', "schools.sinks.base_url": "https://d.example"}, ("a",))
    before, after = template().splitlines(), text.splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 3
    school = tomllib.loads(text)["schools"][0]
    assert (school["title"], school["sinks"][0]["base_url"]) == ('Школа "7"', "https://d.example")


def test_further_logins_get_accounts_of_their_own():
    """Each has a name and a password file of its own."""
    accounts = tomllib.loads(filled(template(), {}, ("a", "b", 'c"d')))["schools"][0]["source"]["accounts"]
    assert [account["login"] for account in accounts] == ["a", "b", 'c"d']
    assert len({account["name"] for account in accounts}) == 3
    named = {account["password"].removeprefix("file:") for account in accounts}
    assert named <= set(secret_files(("a", "b", "c")))
