"""Drafts: whole or not there, and swept up after who was killed."""

import os
import signal
from pathlib import Path

import pytest

from ejsync.store import backup as backups
from ejsync.store.drafts import draft_folder, draft_of, remove_drafts
from ejsync.store.sweeping import sweep
from tests.doubles.erasing import HIM, filled, places
from tests.doubles.vault import keys_of


def dies():
    """Kill this process; the line after it is never reached."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed(work):
    """Do some work in a process of its own that is killed by SIGKILL in the middle of it."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


def drafts_of(store):
    """The drafts beside a store."""
    return sorted(path.name for path in store.parent.rglob("*.draft*"))


def test_a_draft_takes_its_name_when_it_is_whole(tmp_path):
    """Until the end of the block the file is not there; an error leaves nothing."""
    target = tmp_path / "x.db"
    with draft_of(target) as draft:
        draft.write_text("all")
        assert not target.exists()
        assert draft.stat().st_mode & 0o777 == 0o600
    assert (target.read_text(), drafts_of(target)) == ("all", [])
    with pytest.raises(FileNotFoundError), draft_of(target) as draft:
        draft.with_name(f"{draft.name}-wal").with_name("nowhere").read_text()
    assert (target.read_text(), drafts_of(target)) == ("all", [])


def test_what_a_killed_process_left_is_removed_and_what_is_worked_on_is_not(tmp_path):
    """A draft file with its companions and a draft folder of the dead go, those of the living stay."""
    store = tmp_path / "ejsync.db"
    store.touch()
    for folder in ("backups", "acts"):
        (tmp_path / folder).mkdir()

    def work():
        with draft_folder(store) as folder, draft_of(tmp_path / "backups" / "ejsync-1.db") as draft:
            (folder / "copy.db").touch()
            Path(f"{draft}-journal").touch()
            dies()

    killed(work)
    assert len(drafts_of(store)) == 3
    with draft_of(tmp_path / "acts" / "act.pdf") as draft, draft_folder(store) as folder:
        assert set(remove_drafts(store).worked_on) == {draft, folder}
        assert drafts_of(store) == sorted([draft.name, folder.name])
    assert drafts_of(store) == []


def test_a_companion_whose_draft_took_its_name_is_removed(tmp_path):
    """A process killed between the rename and the end leaves SQLite's files under the draft's name."""
    (tmp_path / ".ejsync.db.abc.draft-wal").touch()
    assert remove_drafts(tmp_path / "ejsync.db").left == ()
    assert drafts_of(tmp_path / "ejsync.db") == []


def test_an_erasure_sweeps_drafts_of_backups_and_of_keys(world, monkeypatch):
    """`db backup` killed at its last step leaves a copy of the store and one of the keys; sweeping removes both."""
    filled(world)
    store, at = world.store.path, world.clock.now()

    def copy_store():
        monkeypatch.setattr(backups, "_require_sound", lambda *_: dies())
        backups.back_up(store, backups.place_for(store, at), at)

    def copy_keys():
        monkeypatch.setattr(Path, "replace", lambda *_: dies())
        keys_of(store).back_up()

    for work in (copy_store, copy_keys):
        killed(work)
    assert len(drafts_of(store)) >= 2
    assert any(name.endswith(".draft") for name in places(world, HIM))
    found = sweep(store, "school-7", HIM)
    assert (drafts_of(store), found.unreachable) == ([], ())


def test_keys_put_aside_are_told_as_unreachable(world):
    """A key file that did not open may hold the pupil's key: the act says that it is there."""
    filled(world)
    lost = world.store.path.with_name("ejsync.db.keys.lost-20261116T080000Z")
    lost.touch()
    assert sweep(world.store.path, "school-7", HIM).unreachable == (lost.name,)
