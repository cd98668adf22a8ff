"""The bundle."""

import io
import json
import sqlite3
from contextlib import closing
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


def test_a_record_whose_content_was_lost_is_in_the_bundle_without_it(world, tmp_path):
    """After its key was lost a record is known still: its data are null until it is read again."""
    filled(world)
    with closing(sqlite3.connect(world.store.path)) as store, store:
        store.execute("UPDATE record SET payload = x'', fingerprint = '' WHERE pupil = ?", (HIM,))
    write_bundle(SimpleNamespace(store=world.store), world.wiring, HIM, tmp_path / "him.zip")
    with ZipFile(tmp_path / "him.zip") as bundle:
        assert [row["data"] for row in json.loads(bundle.read("records/pupil.json"))] == [None]


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
