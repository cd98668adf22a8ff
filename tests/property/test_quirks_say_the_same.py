"""Seeds × quirk profiles: the same invented school gives identical records however its answers are written.

Identical means kind, key, owner, pupil, day and payload of every record, and every coverage. Only `yo` changes texts,
as `е` is another letter than `ё`: payloads are compared after folding both, keys are compared as they are.
"""

from collections import Counter

import orjson
import pytest

from ejsync.sandbox.quirks import ALL, QUIRKS
from ejsync.sources.eljur.client.rights import parse_rights
from ejsync.sources.eljur.mapping import READERS
from tests.doubles.journal import CONTRACTS, WAYS, PaperJournal

SEEDS = range(1, 13)
PROFILES = (*QUIRKS, ALL)


def folded(payload):
    """A payload as text in which `ё` is `е`."""
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode().replace("ё", "е").replace("Ё", "Е")


def said(reading):
    """What a reading says, in no order."""
    records = {(r.kind, r.key, r.owner, r.pupil, r.day, folded(r.data)) for r in reading.records}
    spoken = {
        (kind, owner, one.days, one.believable_when_empty)
        for one in reading.coverages
        for owner in one.owners
        for kind in one.kinds
    }
    assert len(records) == len(reading.records)
    return records, spoken


@pytest.fixture(scope="module")
def schools():
    """The journals, and what each way of reading them says without any quirk."""
    made = {}
    for seed in SEEDS:
        journal = PaperJournal(seed)
        windows = [journal.window(way) for way in WAYS if (way.feed, way.method) in READERS]
        made[seed] = journal, [(window, said(journal.reading(window))) for window in windows]
    return made


@pytest.fixture(scope="module")
def twins():
    """The same journals once more, made independently."""
    return {seed: PaperJournal(seed) for seed in SEEDS[:8]}


@pytest.fixture(scope="module")
def compared(tally):
    """Counts of what was compared."""
    counts = Counter()
    yield counts
    tally.append(
        f"quirks: {counts['cases']} cases ({len(SEEDS)} schools x {len(PROFILES)} profiles x {len(WAYS)} reads), "
        f"{counts['records']} records identical; {counts['rewritten']} answers were written differently"
    )


def test_every_reader_is_asked():
    """Whatever the mapping reads is read here too."""
    assert {(way.feed, way.method) for way in WAYS} >= set(READERS)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_quirk_changes_nothing_that_is_said(schools, compared, profile):
    """The same school read through a profile gives the same records and coverages as the plain one."""
    for journal, plain in schools.values():
        journal.dialect.quirks.switch([profile])
        for window, wanted in plain:
            records, spoken = said(journal.reading(window))
            where = (journal.seed, profile, window.method, window.pupils)
            assert (records - wanted[0], wanted[0] - records) == (set(), set()), where
            assert spoken == wanted[1], where
            compared.update(cases=1, records=len(records))
        journal.dialect.quirks.switch([])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_quirk_does_something_and_always_the_same(schools, twins, compared, profile):
    """A profile changes the bytes of some answers, and the same seed gives the same bytes again."""
    changed = 0
    for seed in SEEDS[:8]:
        journal, plain = schools[seed]
        again = twins[seed]
        again.dialect.quirks.switch([profile])
        for window, _ in plain:
            told = orjson.dumps(again.ask(window))
            journal.dialect.quirks.switch([profile])
            assert told == orjson.dumps(journal.ask(window))
            journal.dialect.quirks.switch([])
            changed += told != orjson.dumps(journal.ask(window))
    compared.update(rewritten=changed)
    assert changed


@pytest.mark.parametrize("profile", PROFILES)
def test_rights_are_the_same_however_they_are_written(schools, profile):
    """Every account's rights, which decide what is asked at all, are those of the plain answer."""
    for journal, _ in schools.values():
        for account in journal.dialect.sessions.accounts:
            plain, told = (_rights(journal, account, quirks) for quirks in ([], [profile]))
            assert told == plain


def _rights(journal, account, quirks):
    sessions = journal.dialect.sessions
    journal.dialect.quirks.switch(quirks)
    params = {"vendor": sessions.vendor, "devkey": sessions.devkey, "out_format": "json"}
    params |= {"login": account.login, "password": account.password}
    result = orjson.loads(journal.dialect.answer("GET", "getrules", params).body)["response"]["result"]
    journal.dialect.quirks.switch([])
    assert CONTRACTS.faults("eljur/v1/getrules", result) == ()
    return parse_rights(account.login, result)
