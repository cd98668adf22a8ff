"""Truths about many pupils in one request."""

import asyncio
from datetime import date
from time import perf_counter

import httpx
import pytest

from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.question import Refused
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.strain import Strain, pupils_asked


def test_pupils_are_counted_by_the_ids_named():
    """Ids stand between commas; a read of a class names none."""
    assert pupils_asked({"student": "1, 2,3,"}) == 3
    assert pupils_asked({"class": "10А"}) == 0


def test_by_default_nothing_is_too_much():
    """An unstrained journal answers any number at once."""
    strain = Strain()
    strain.check({"student": ",".join(map(str, range(1000)))})
    assert strain.delay_s({"student": "1,2"}) == 0


def test_an_answer_takes_longer_with_each_pupil():
    """The delay grows with the pupils asked for."""
    strain = Strain(ms_per_pupil=20)
    assert strain.delay_s({"student": "1,2,3"}) == pytest.approx(0.06)


def test_too_many_pupils_are_500():
    """As many as allowed are answered, one more is a plain failure."""
    strain = Strain(most_pupils=2)
    strain.check({"student": "1,2"})
    with pytest.raises(Refused) as refused:
        strain.check({"student": "1,2,3"})
    assert refused.value.state == 500


def test_settings_change_one_by_one():
    """What a document names is set, the rest stays."""
    strain = Strain()
    strain.change({"ms_per_pupil": 5})
    strain.change({"most_pupils": 3})
    assert strain == Strain(5, 3)


@pytest.mark.parametrize("document", ["5", {"patience": 1}, {"most_pupils": -1}, {"most_pupils": True}])
def test_senseless_settings_are_refused(document):
    """Unknown names, negative numbers and no numbers are refused."""
    with pytest.raises(ValueError, match=r"known|number"):
        Strain().change(document)


def test_the_journal_obeys():
    """Over HTTP each pupil costs its time, and one too many is a 500 in an envelope."""
    app, dialect = journal_app(invent_rollbook(pupils=30, seed=7, today=date(2026, 11, 23)))
    bridge = next(account for account in dialect.sessions.accounts if account.whole_class)
    head = {"vendor": dialect.sessions.vendor, "devkey": dialect.sessions.devkey, "out_format": "json"}
    dialect.strain.change({"ms_per_pupil": 15, "most_pupils": 4})

    async def read(count):
        students = ",".join([pupil.id for pupil in bridge.pupils(dialect.book)][:count])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
            params = {**head, "auth_token": bridge.token, "student": students}
            return await client.get("/api/getperiods", params=params)

    since_s = perf_counter()
    assert len(asyncio.run(read(4)).json()["response"]["result"]["students"]) == 4
    assert perf_counter() - since_s >= 0.06
    refused = asyncio.run(read(5))
    assert (refused.status_code, refused.json()["response"]["state"]) == (500, 500)
