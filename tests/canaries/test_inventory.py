"""Every text field of the contracts is classed, and what is classed as planted is."""

import orjson
import pytest

from tests.canaries.fields import contracts
from tests.canaries.inventory import PLANTED, all_named, classes_of, named
from tests.canaries.school import book, dialect
from tests.canaries.tokens import Mint, Worth, is_token

CLASS_METHODS = ("getschedule", "gethomework", "getreplaces")
PUPIL_METHODS = ("getmarks", "getdiary", "getfinalassessments", "getperiods", "getschedule", "gethomework")


@pytest.fixture(scope="module")
def answers():
    """Every text that the journal of tokens answers with, by method and field."""
    mint = Mint()
    made = book(mint)
    spoken = dialect(mint, made)
    found = {}
    for account in spoken.sessions.accounts:
        known = {"vendor": spoken.sessions.vendor, "devkey": spoken.sessions.devkey, "out_format": "json"}
        signed = {**known, "auth_token": account.token}
        window = {"days": "20260901-20260930", "rings": "1", "weeks": "1"}
        pupils = ",".join(pupil.id for pupil in account.pupils(made))
        asked = [(method, {"student": pupils}) for method in PUPIL_METHODS if pupils]
        for form in account.classes(made):
            asked += [(method, {"class": form}) for method in CLASS_METHODS]
            asked += [("getreplaces", {"class": form, "days": f"202609{day}"}) for day in range(10, 31)]
        asked += [("getrules", {}), ("getmessagereceivers", {})]
        for method, params in asked:
            _gather(found, method, spoken.answer("GET", method, {**signed, **window, **params}))
        credentials = {"login": account.login, "password": account.password}
        _gather(found, "auth", spoken.answer("POST", "auth", {**known, **credentials}))
    return found


def _gather(found, method, answer):
    result = orjson.loads(answer.body)["response"]["result"]
    for path, text in _texts(result, ()):
        found.setdefault((f"eljur/{method}", named("eljur/", path)), set()).add(text)


def _texts(node, path):
    """Yield each text with its path, ids and numbers of lists and objects left out."""
    if isinstance(node, dict):
        for name, below in node.items():
            # The keys of these are ids, days and numbers of rows.
            rows = isinstance(below, dict | list) and (not name.isascii() or name[:1].isdigit() or " " in name)
            yield from _texts(below, path if rows else (*path, name))
    elif isinstance(node, list):
        for below in node:
            yield from _texts(below, path)
    else:
        yield ".".join(path), str(node)


def test_every_text_field_is_in_one_class():
    """A field that a contract gains must be classed before it is carried, and no class names one that is gone."""
    fields = {(contract, named(contract, path)) for contract, paths in contracts().items() for path in paths}
    assert {one: classes_of(*one) for one in fields if classes_of(*one) != 1} == {}
    assert set(all_named()) == fields


@pytest.mark.parametrize("contract", sorted(name for name in PLANTED if name.startswith("eljur/")))
def test_the_journal_shows_a_token_in_every_planted_field(answers, contract):
    """What is classed as planted is really planted: the school cannot lose its tokens unseen."""
    bare = {
        field
        for field in PLANTED[contract].split()
        if not any(is_token(text) for text in answers.get((contract, field), ()))
    }
    assert bare == set()


def test_no_two_fields_share_a_token():
    """Each token tells where it was put."""
    mint = Mint()
    book(mint)
    worths = {token.worth for token in mint.tokens.values()}
    assert worths >= {Worth.PERSONAL, Worth.IDENTIFIER}
    assert len({token.label + token.text[:8] for token in mint.tokens.values()}) == len(mint.tokens) > 500
