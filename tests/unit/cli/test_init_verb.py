"""`init`: a folder that is then a working place."""

import stat

import pytest

from ejsync.settings import load


def _mode(file):
    return stat.S_IMODE(file.stat().st_mode)


def test_a_folder_is_set_up_and_its_settings_load(tmp_path, run):
    """Settings without unknown keys, a private key of 32 bytes, empty private secret files."""
    place = tmp_path / "lyceum"
    result = run("init", place, "--name", "lyceum1", "--title", 'Лицей "№ 1"', "--login", "a", "--login", "b")
    assert result.exit_code == 0
    settings = load(place / "ejsync.toml", reveal=False)
    assert settings.schools[0].title == 'Лицей "№ 1"'
    assert settings.schools[0].source.base_url == "https://lyceum1.eljur.ru/apiv3"
    assert [account.login for account in settings.schools[0].source.accounts] == ["a", "b"]
    key = place / "state" / "master.key"
    assert (len(bytes.fromhex(key.read_text())), _mode(key)) == (32, 0o600)
    files = sorted((place / "secrets").iterdir())
    assert [file.name for file in files] == ["ed-token", "eljur-devkey", "eljur-password", "eljur-password-2"]
    assert {(_mode(file), file.stat().st_size) for file in files} == {(0o600, 0)}
    assert "ejsync --config" in result.stdout


def test_the_empty_secrets_are_named_next(tmp_path, run):
    """`config validate` in the new folder names each secret file that is empty, and nothing else."""
    run("init", tmp_path / "x")
    err = run("--config", tmp_path / "x" / "ejsync.toml", "config", "validate").stderr
    assert [name for name in ("eljur-devkey", "eljur-password", "ed-token") if name not in err] == []
    assert err.count("secrets/") == 3


def test_nothing_is_overwritten(tmp_path, run):
    """A second init is refused; forced, it keeps the key."""
    run("init", tmp_path)
    key = (tmp_path / "state" / "master.key").read_text()
    again = run("init", tmp_path)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    forced = run("init", tmp_path, "--force")
    assert (forced.exit_code, (tmp_path / "state" / "master.key").read_text()) == (0, key)


def test_a_wrong_answer_leaves_no_file(tmp_path, run):
    """A time zone that does not exist is named by its key, and no settings file remains."""
    result = run("init", tmp_path, "--timezone", "Mars/Base")
    assert result.exit_code == 4
    assert "timezone" in result.stderr
    assert [file for file in tmp_path.iterdir() if file.suffix in {".toml", ".new"}] == []


def test_on_a_terminal_it_asks(tmp_path, run, monkeypatch):
    """Each question has a default; an answer that does not fit is asked again."""
    monkeypatch.setattr("ejsync.cli.init_verb.on_terminal", lambda: True)
    answers = "Школа\nschool-1\nMoscow\nAsia/Omsk\n\n\n\n\n"
    result = run("init", tmp_path, answer=answers)
    assert result.exit_code == 0, result.output
    school = load(tmp_path / "ejsync.toml", reveal=False).schools[0]
    assert (school.name, school.timezone, school.source.vendor) == ("school-1", "Asia/Omsk", "school-1")


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_place_that_is_no_folder_is_named(tmp_path, run, name):
    """A path through a file is bad input."""
    (tmp_path / "file").write_text("")
    assert run("init", tmp_path / name).exit_code == 2


def test_it_ends_with_the_steps_to_take_and_whose_password_is_where(tmp_path, run):
    """Every secret file is told with its purpose; the commands follow in the README's order."""
    out = run("init", tmp_path / "s", "--yes", "--login", "anna", "--login", "boris").stdout
    assert "eljur-password  (password of the login “anna”)" in out
    assert "eljur-password-2  (password of the login “boris”)" in out
    steps = ["config validate", "doctor", "--dry-run", "--feed roster", "template", "import", " sync\n", " run\n"]
    assert [step for step in steps if step not in out] == []
    assert sorted(steps, key=out.index) == steps
