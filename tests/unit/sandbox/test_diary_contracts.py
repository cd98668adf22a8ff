"""The diary's reading of the contract."""

import pytest

from ejsync.domain.records import Kind
from ejsync.sandbox import diary_contracts
from ejsync.sandbox.diary_contracts import EdContract, contracts_dir, pointer_to


@pytest.fixture(scope="module")
def contract():
    """The published contract."""
    return EdContract.load()


def test_contracts_are_found_beside_the_source():
    """In a checkout the folder is the repository's own."""
    assert (contracts_dir() / "ed" / "v1" / "batch.schema.json").is_file()


def test_packaged_contracts_go_first(tmp_path, monkeypatch):
    """Where the package carries its contracts, those are taken."""
    package = tmp_path / "ejsync"
    (package / "_contracts").mkdir(parents=True)
    monkeypatch.setattr(diary_contracts, "__file__", str(package / "sandbox" / "diary_contracts.py"))
    assert contracts_dir() == package.resolve() / "_contracts"


def test_kinds_are_the_records_only(contract):
    """Envelopes are no kinds."""
    assert len(contract.kinds) == len(Kind)
    assert "mark" in contract.kinds
    assert "batch" not in contract.kinds


def test_flaws_are_pointed_at(contract):
    """A flaw is a JSON pointer; no flaw is None."""
    pupil = {"pupil": "1", "class": "1Б", "last_name": "Т", "first_name": "А", "middle_name": None}
    assert contract.flaw_of_data(pupil, kind="pupil") is None
    assert contract.flaw_of_data({**pupil, "pupil": "?"}, kind="pupil") == "/pupil"
    assert contract.flaw_of_data({}, kind="pupil") == ""
    assert contract.flaw_of_batch([]) == ""


def test_unknown_kind_is_a_key_error(contract):
    """A kind the contract lacks is not judged by another's schema."""
    with pytest.raises(KeyError):
        contract.flaw_of_data({}, kind="weather")


def test_pointer_escapes():
    """A slash or tilde in a name is escaped as RFC 6901 says."""
    assert pointer_to(["a/b", 0, "c~d"]) == "/a~1b/0/c~0d"
