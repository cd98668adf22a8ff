"""The bundle."""

import io
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from ejsync.cli.privacy_export import write_bundle, zipped
from ejsync.errors import BadInput, NotFound
from tests.doubles.erasing import HIM, filled


def test_the_same_documents_make_the_same_bytes():
    """Whatever the day and the order; each file is its owner's alone."""
    parts = {"b.json": [1], "records/mark.json": [{"a": "ё"}]}
    assert zipped(parts) == zipped(dict(reversed(parts.items())))
    with ZipFile(io.BytesIO(zipped(parts))) as bundle:
        assert bundle.namelist() == ["README.txt", "b.json", "records/mark.json"]
        assert {entry.external_attr >> 16 for entry in bundle.infolist()} == {0o600}
        assert "ё" in bundle.read("records/mark.json").decode()


def test_a_bundle_is_witnessed_or_not_there(world, tmp_path):
    """It is in the log under a pseudonym; a file that is there stays as it is, and nobody is no bundle."""
    filled(world)
    exchange = SimpleNamespace(store=world.store)
    count = write_bundle(exchange, world.wiring, HIM, tmp_path / "him.zip")
    [entry] = world.audit("bundle.written")
    assert entry.details == {"pupil": world.wiring.keyring.pseudonym(HIM), "records": count}
    before = (tmp_path / "him.zip").read_bytes()
    with pytest.raises(BadInput):
        write_bundle(exchange, world.wiring, HIM, tmp_path / "him.zip")
    assert (tmp_path / "him.zip").read_bytes() == before
    with pytest.raises(NotFound):
        write_bundle(exchange, world.wiring, "4711", tmp_path / "nobody.zip")
    assert not (tmp_path / "nobody.zip").exists()
