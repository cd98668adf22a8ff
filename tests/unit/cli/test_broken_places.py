"""What is wrong with a record, in words."""

import json

from ejsync.cli.broken_places import listed, wrongs
from ejsync.wording import use_language
from tests.doubles import records


def test_each_place_has_its_words_and_no_value():
    """A type, a missing field and a field nobody foresaw are named by place; what stands there is not repeated."""
    use_language("en")
    data = dict(records.mark().data) | {"raw": 5, "surname": "Ivanov"}
    name = next(name for name in data if name not in {"raw", "surname"})
    del data[name]
    told = wrongs("ed/v1/mark", json.dumps(data, default=str).encode())
    assert told["/raw"] == "wrong type; expected: text"
    assert told["/surname"] == "not foreseen here"
    assert told[f"/{name}"] == "missing"
    assert "Ivanov" not in str(told)


def test_a_text_that_is_too_long_is_told_its_limit():
    """A limit of the contract is said."""
    use_language("en")
    data = dict(records.mark().data) | {"raw": "x" * 5000}
    assert wrongs("ed/v1/mark", json.dumps(data, default=str).encode())["/raw"].startswith("too long: at most ")


def test_what_cannot_be_checked_has_no_words():
    """Without a contract or a readable payload the places stand alone."""
    assert wrongs("ed/v1/none", b"{}") == {}
    assert wrongs("ed/v1/mark", b"{") == {}
    assert listed(("", "/raw", "/day"), {"/raw": "missing"}) == ["/", "/raw: missing", "/day"]
