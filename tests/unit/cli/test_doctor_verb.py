"""`doctor`: every check, and the exit code of the worst."""


def test_a_sound_place_is_well(lived, ask, run):
    """Nothing fails; the share of withheld pupils is told; exit 0."""
    told = ask("doctor")
    assert told["ok"] is True
    assert "failed" not in {check["state"] for check in told["checks"]}
    assert "1 of 2 pupils" in run("doctor").stdout


def test_a_fresh_place_says_what_to_import(home, ask):
    """Without consents the next command is named, and it is no failure."""
    (look,) = [check for check in ask("doctor")["checks"] if check["state"] == "warning"]
    assert look["next_step"].startswith("ejsync consent import")


def test_broken_settings_are_one_check_a_fault(home, ask):
    """Settings that do not load end the examination with exit 4."""
    (home / "ejsync.toml").write_text("schools = 1\n", encoding="utf-8")
    told = ask("doctor", code=4)
    assert told["checks"][0]["found"].startswith("EJ-101")


def test_a_missing_key_keeps_the_other_checks_going(home, ask):
    """The key is named as failed; what needs no key is still looked at."""
    (home / "master.key").unlink()
    told = ask("doctor", code=4)
    assert [check["check"] for check in told["checks"] if check["state"] == "failed"] == ["settings", "master key"]
    assert "contracts" in {check["check"] for check in told["checks"]}


def test_an_unknown_school_is_said(home, ask):
    """`--school` of nobody is EJ-802."""
    assert any("EJ-802" in check["found"] for check in ask("doctor", "--school", "none", code=2)["checks"])


def test_a_journal_that_cannot_be_reached_is_temporary(home, ask):
    """A source that gives no answer ends with exit 5."""
    (home / "pages").rmdir()
    assert ask("doctor", code=5)["exit_code"] == 5


def test_a_missing_secret_is_told_once(home, ask):
    """Of what is missing the settings tell; nobody is asked over the network without it."""
    text = (home / "ejsync.toml").read_text(encoding="utf-8")
    source = """type = "eljur"
vendor = "v"
base_url = "http://127.0.0.1:9/apiv3"
devkey = "file:devkey"
[[schools.source.accounts]]
name = "r1"
login = "r1"
password = "file:password"
"""
    broken = text.replace('type = "recorded"\nfolder = "pages"\n', source)
    (home / "ejsync.toml").write_text(broken, encoding="utf-8")
    failed = [check["check"] for check in ask("doctor", code=4)["checks"] if check["state"] == "failed"]
    assert failed == ["settings", "settings"]


def test_no_advice_is_to_run_the_doctor_again(home, ask):
    """Whatever fails, its next step is another one."""
    (home / "pages").rmdir()
    (home / "state").mkdir()
    (home / "state" / "ejsync.db").write_bytes(b"no database" * 100)
    assert not [check for check in ask("doctor", code=4)["checks"] if "ejsync doctor" in (check["next_step"] or "")]
