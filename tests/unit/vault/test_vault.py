"""The vault: keys that are made, wrapped, destroyed and wrapped under another master."""

import subprocess
import sys

import pytest

from ejsync.domain.fingerprints import Keyring
from ejsync.errors import ConfigError, KeysUnfit, StoreError
from ejsync.sealing import Seal
from ejsync.vault import Master, Vault, key_copies_of
from tests.doubles.vault import MASTER, keys_of

OTHER = b"o" * 32


@pytest.fixture
def vault(tmp_path):
    """A vault that has begun."""
    made = keys_of(tmp_path / "x.db")
    made.settle(None)
    yield made
    made.close()


def again(vault, master=MASTER):
    """The same keys for another process."""
    return keys_of(vault.path.with_suffix(""), master)


def sealed(vault, pupil="1001"):
    """A value sealed for a pupil."""
    return vault.of("school-7").close(b"secret", pupil, "place")


def opened(vault, value, pupil="1001"):
    """The value again, or None."""
    return vault.of("school-7").opened(value, pupil, "place")


def test_the_first_keys_are_those_that_were_made_of_the_master(vault):
    """A store from before there were key files keeps its fingerprints, pseudonyms and tokens."""
    ring = Keyring.from_master(MASTER)
    assert Keyring(vault.own("fingerprint"), vault.own("pseudonym")) == ring
    assert vault.own("sealing") == Seal.from_master(MASTER).key


def test_an_own_key_is_made_once_and_for_ever(vault):
    """Any other key of the installation is random, and the same in every process."""
    key = vault.own("signing")
    assert len(key) == 32
    assert key == vault.own("signing") == again(vault).own("signing")
    assert key != vault.own("another")


def test_each_pupil_has_a_key_that_another_process_finds(vault):
    """What one process seals another opens, with the pupil's own key and no other."""
    value = sealed(vault)
    other = again(vault)
    assert opened(other, value) == b"secret"
    assert opened(other, value, "1002") is None
    sealed(vault, "1002")
    assert opened(vault, value, "1002") is None
    assert other.of("school-8").opened(value, "1001", "place") is None


def test_the_key_file_names_nobody_and_shows_no_key(vault):
    """Neither a pupil's id nor a key stands in the file."""
    sealed(vault, "10012345")
    content = vault.path.read_bytes()
    assert b"10012345" not in content
    keys = [vault.own("fingerprint"), vault.seal("school-7", "10012345").key]
    assert not [key for key in keys if key in content]


def test_keys_of_many_pupils_are_one_commit(vault):
    """However many pupils are new, the file changes once; those that are known change nothing."""
    before = vault.standing()[0].mark.generation
    vault.prepare("school-7", [str(number) for number in range(300)])
    vault.prepare("school-7", ["7", None, "5"])
    assert vault.standing()[0].mark.generation == before + 2  # the second was the school's own
    assert vault.verify() == vault.standing()[1]


def test_a_destroyed_key_opens_nothing_anywhere(vault):
    """In this process, in one that had it in memory, and in the copy among the backups it is gone; others stay."""
    mine, others, daemon = sealed(vault), sealed(vault, "1002"), again(vault)
    assert opened(daemon, mine) == b"secret"
    vault.back_up()
    vault.of("school-7").destroy(["1001"])
    daemon.refresh()
    for one in (vault, daemon):
        assert opened(one, mine) is None
        assert opened(one, others, "1002") == b"secret"
        assert one.of("school-7").is_destroyed("1001")
        assert not one.of("school-7").is_destroyed("1002")
    (copy,) = key_copies_of(vault.path.with_suffix(""))
    vault.close()
    copy.replace(vault.path)
    vault.settle(None)
    assert (opened(vault, mine), opened(vault, others, "1002")) == (None, b"secret")


def test_a_pupil_who_comes_back_has_another_key(vault):
    """A key made after a destruction seals, and does not open what the old one sealed."""
    mine = sealed(vault)
    vault.of("school-7").destroy(["1001"])
    new = sealed(vault)
    assert (opened(vault, mine), opened(vault, new)) == (None, b"secret")
    assert vault.of("school-7").is_destroyed("1001")


@pytest.mark.parametrize("step", ["copies", "live", "scrub"])
def test_a_destruction_cut_off_anywhere_is_completed_by_the_next(vault, monkeypatch, step):
    """Killed before the copies, the live file or its writing anew, a second call leaves no byte of the key anywhere."""
    from ejsync.vault import vault as room
    from ejsync.vault.key_file import KeyFile

    mine = sealed(vault)
    (wrapped,) = _wrapped(vault.path)
    vault.back_up()

    def cut_off(*_):
        raise KeyboardInterrupt

    place = {"copies": (room, "strike_in"), "live": (KeyFile, "strike"), "scrub": (KeyFile, "scrub")}[step]
    with monkeypatch.context() as patch:
        patch.setattr(*place, cut_off)
        with pytest.raises(KeyboardInterrupt):
            vault.of("school-7").destroy(["1001"])
    late = again(vault)
    late.of("school-7").destroy(["1001"])
    assert opened(late, mine) is None
    files = [path for path in vault.path.parent.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not [path.name for path in files if wrapped in path.read_bytes()]


def _wrapped(path):
    """The wrapped keys of the pupils in a key file."""
    from ejsync.vault.key_file import KeyFile

    file = KeyFile(path)
    found = [wrapped for (_, name), (wrapped, _) in file.wrapped("school-7").items() if name != "school"]
    file.close()
    return found


def test_a_wrong_master_is_a_fault_of_the_settings(vault):
    """Another master secret opens nothing: the error names the setting, the id that is wanted, and the way out."""
    sealed(vault)
    with pytest.raises(ConfigError) as caught:
        again(vault, OTHER).settle(vault.mark)
    (fault,) = caught.value.faults
    assert fault.key == "keys.master"
    assert Master(MASTER).id in fault.expected
    assert "start-anew" in fault.expected


def test_another_master_opens_everything_and_changes_nothing_else(vault, tmp_path):
    """The new master opens what was sealed, own keys stay, the old one opens nothing, and the copy follows."""
    value, own = sealed(vault), vault.own("signing")
    vault.back_up()
    vault.rewrap(Master(OTHER), "")
    late = again(vault, OTHER)
    late.settle(vault.mark)
    assert (opened(late, value), late.own("signing")) == (b"secret", own)
    with pytest.raises(ConfigError):
        again(vault).settle(vault.mark)
    (copy,) = key_copies_of(vault.path.with_suffix(""))
    copy.replace(tmp_path / "y.db.keys")
    assert keys_of(tmp_path / "y.db", OTHER).verify() == late.verify()


def test_a_running_process_finds_the_new_master_where_it_was_noted(vault, tmp_path):
    """A daemon whose settings still name the old secret makes keys of new pupils under the new one."""
    (tmp_path / "new").write_bytes(OTHER)
    daemon = again(vault)
    first = sealed(daemon)
    vault.rewrap(Master(OTHER), f"file:{tmp_path / 'new'}")
    daemon.refresh()
    value = sealed(daemon, "1002")
    late = again(vault, OTHER)
    assert (opened(late, value, "1002"), opened(late, first)) == (b"secret", b"secret")
    assert (late.is_named, daemon.is_named) == (True, False)


KILLED = """
import os, signal, sys, pathlib
from ejsync.vault import Master, Vault, key_file
from ejsync.vault.key_file import KeyFile
step = iter(range(int(sys.argv[2])))
def dying(function):
    def call(*args, **named):
        if next(step, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **named)
    return call
for name in ("put", "wrap_under", "scrub", "copy_to"):
    setattr(KeyFile, name, dying(getattr(KeyFile, name)))
Vault(pathlib.Path(sys.argv[1]), lambda: b"k" * 32).rewrap(Master(b"o" * 32), "")
"""


@pytest.mark.parametrize("step", range(5))
def test_killed_at_any_moment_one_of_the_two_masters_opens_all(vault, step):
    """A change of the master that is killed leaves every key under the old one or every key under the new one."""
    value = sealed(vault)
    vault.back_up()
    store = vault.path.with_suffix("")
    done = subprocess.run([sys.executable, "-c", KILLED, str(store), str(step)], check=False)
    assert done.returncode == (0 if step == 4 else -9)
    fits = []
    for master in (MASTER, OTHER):
        late = keys_of(store, master)
        try:
            late.settle(vault.mark)
        except ConfigError:
            continue
        fits.append((master, opened(late, value), late.verify()))
    assert fits == [(MASTER if step < 2 else OTHER, b"secret", vault.standing()[1])]


def test_a_key_file_that_is_missing_foreign_or_older_is_refused(vault, tmp_path):
    """A store says which key file it needs; none, another store's, and an older one are told apart."""
    older = vault.path.read_bytes()
    sealed(vault)
    mark = vault.mark
    stranger = keys_of(tmp_path / "y.db")
    stranger.settle(None)
    reasons = []
    for content in (None, stranger.path.read_bytes(), older):
        late = keys_of(tmp_path / "z.db")
        late.path.unlink(missing_ok=True)
        if content is not None:
            late.path.write_bytes(content)
        with pytest.raises(KeysUnfit) as caught:
            late.settle(mark)
        reasons.append(caught.value.reason)
        late.close()
    assert reasons == ["it is missing", "it belongs to another store", "it is older than the store"]


def test_keys_in_memory_leave_the_file_alone(vault):
    """A rehearsal opens what is sealed and makes keys of its own, and the file stays as it is, byte by byte."""
    value, before = sealed(vault), vault.path.read_bytes()
    rehearsed = Vault(vault.path.with_suffix(""), lambda: MASTER, in_memory=True)
    rehearsed.settle(vault.mark)
    assert opened(rehearsed, value) == b"secret"
    sealed(rehearsed, "1003")
    rehearsed.of("school-7").destroy(["1001"])
    rehearsed.close()
    assert vault.path.read_bytes() == before


def test_what_opens_is_kept_when_all_begins_anew_and_what_does_not_is_put_aside(vault, clock):
    """A sound key file stays; one of a lost master is put aside, and new keys begin."""
    value = sealed(vault)
    assert vault.renew(clock.now()) is None
    assert opened(vault, value) == b"secret"
    late = again(vault, OTHER)
    kept = late.renew(clock.now())
    assert kept is not None
    assert kept.exists()
    assert opened(late, value) is None
    assert late.verify() == 4


def test_a_master_changed_between_two_looks_at_the_file_is_noticed(vault, tmp_path):
    """A process that unwrapped one school's keys before a change of the master unwraps another's after it."""
    (tmp_path / "new").write_bytes(OTHER)
    first = sealed(vault)
    second = vault.of("school-8").close(b"secret", "1002", "place")
    daemon = again(vault)
    assert opened(daemon, first) == b"secret"
    vault.rewrap(Master(OTHER), f"file:{tmp_path / 'new'}")
    assert daemon.of("school-8").opened(second, "1002", "place") == b"secret"
    assert opened(daemon, first) == b"secret"
    assert opened(again(vault, OTHER), sealed(daemon, "1003"), "1003") == b"secret"


def test_keys_are_looked_through_at_one_moment(vault, tmp_path, monkeypatch):
    """A change of the master waits until every key is unwrapped: none is found under the wrong one."""
    from ejsync.vault import key_file

    (tmp_path / "new").write_bytes(OTHER)
    sealed(vault)
    late, whole = again(vault), key_file.KeyFile.wrapped
    monkeypatch.setattr(key_file, "BUSY_TIMEOUT_S", 0)

    def change_meanwhile(file, *args):
        monkeypatch.setattr(key_file.KeyFile, "wrapped", whole)
        with pytest.raises(StoreError):
            again(vault).rewrap(Master(OTHER), f"file:{tmp_path / 'new'}")
        return whole(file, *args)

    late.standing()
    monkeypatch.setattr(late, "standing", lambda: None)
    monkeypatch.setattr(key_file.KeyFile, "wrapped", change_meanwhile)
    assert late.verify() == vault.standing()[1]
