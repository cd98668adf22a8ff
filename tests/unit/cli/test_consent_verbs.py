"""`consent`: read in, looked at, withdrawn."""

HEAD = "ученик;область;решение;кем дано;документ;действует с;действует до\n"
GOOD = HEAD + "1002;результаты;согласие;родитель;2-К;01.09.2026;\n"


def _sheet(home, text, encoding="cp1251"):
    file = home / "sheet.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_dry_run_registers_nothing(lived, run, ask):
    """The counts are told, and nobody's permission changes."""
    told = ask("consent", "import", _sheet(lived.home, GOOD), "--dry-run")
    assert (told["registered"], told["counts"]) == (False, {"results.granted": 1})
    assert ask("consent", "list")["counts"] == {"granted": 1, "missing": 1}


def test_decisions_take_effect_at_once(lived, run, ask):
    """After the import both pupils stand as granted, and the file's digest is witnessed."""
    assert "Registered" in run("consent", "import", _sheet(lived.home, GOOD)).stdout
    assert ask("consent", "list")["counts"] == {"granted": 2}
    events = ask("audit", "tail", "-n", "5")["events"]
    assert any(str(event["details"].get("origin", "")).startswith("sha256:") for event in events)


def test_a_bad_cell_stops_the_whole_file(lived, run, ask):
    """One bad row: every fault is named by row and column, and nothing is registered."""
    bad = GOOD + "Иванов;результаты;да;родитель;3-К;31.02.2026;\n"
    result = run("consent", "import", _sheet(lived.home, bad, "utf-8"))
    assert result.exit_code == 2
    assert "row 3, column “ученик”" in result.stderr
    assert "row 3, column “действует с”" in result.stderr
    assert "Иванов" not in result.output
    assert ask("consent", "list")["counts"] == {"granted": 1, "missing": 1}


def test_strangers_are_named_and_refused_when_strict(lived, run, ask):
    """A pupil whom the journal does not know is named; --strict refuses the file."""
    file = _sheet(lived.home, GOOD.replace("1002", "9999"))
    assert run("consent", "import", file, "--strict").exit_code == 2
    result = run("consent", "import", file)
    assert (result.exit_code, "9999" in result.stderr) == (0, True)


def test_a_file_that_is_not_there_is_named(home, run):
    """A wrong path is bad input, not a bug."""
    assert "EJ-801" in run("consent", "import", "none.csv").stderr


def test_the_list_names_pupils_by_ground(lived, ask, run):
    """Only pupils on the ground that was asked for are listed."""
    rows = ask("consent", "list", "--ground", "missing")["pupils"]
    assert [row["pupil"] for row in rows] == [lived.withheld]
    shown = run("consent", "list", "--limit", "1").stdout
    assert ("1 more" in shown, "not asked" in shown) == (True, True)
    told = ask("consent", "list", "--limit", "1")
    assert (len(told["pupils"]), told["left_out"]) == (1, 1)


def test_one_pupil_has_his_history(lived, ask, run):
    """Every decision is shown; an unknown pupil is EJ-802."""
    assert [one["decision"] for one in ask("consent", "show", lived.pupil)["decisions"]] == ["granted"]
    assert "granted" in run("consent", "show", lived.pupil).stdout
    assert ask("consent", "show", "9999", code=2)["code"] == "EJ-802"


def test_a_withdrawal_calls_back_what_has_left(lived, run, ask):
    """After it the pupil is withdrawn and his delivered records wait to be retracted."""
    assert run("consent", "withdraw", lived.pupil).exit_code == 2
    assert run("consent", "withdraw", lived.pupil, "--yes").exit_code == 0
    assert ask("consent", "list")["counts"]["withdrawn"] == 1
    assert ask("status")["schools"][0]["sinks"][0]["waiting"] > 0
    again = run("consent", "withdraw", lived.pupil, "--yes")
    assert (again.exit_code, "withdrawn already, on 2" in again.stderr) == (2, True)
    assert "no decision registered for pupil" in run("consent", "withdraw", lived.withheld, "--yes").stderr


def test_a_refusal_cannot_be_withdrawn(lived, run):
    """Where a family refused there is nothing to withdraw, and that is said."""
    run("consent", "import", _sheet(lived.home, GOOD.replace("согласие", "отказ")))
    assert "the family refused" in run("consent", "withdraw", lived.withheld, "--yes").stderr


def test_a_name_in_place_of_a_number_is_not_repeated(lived, run):
    """Where a name is given for a pupil's number it is refused and stands nowhere in the answer."""
    for words in (("show", "Ivanov-Ivan"), ("withdraw", "Ivanov-Ivan", "--yes")):
        result = run("consent", *words)
        assert (result.exit_code, "Ivanov" in result.output, "digits" in result.stderr) == (2, False, True)
    result = run("consent", "import", _sheet(lived.home, GOOD.replace("1002", "Ivanov-Ivan")))
    assert (result.exit_code, "Ivanov" in result.output) == (2, False)


def test_cells_are_in_the_readers_language(lived, run):
    """A table of decisions has words and days, not the values of files."""
    shown = run("consent", "show", lived.pupil).stdout
    assert "01.09.2026" in shown


def test_a_no_withdraws_nothing(lived, run, ask, monkeypatch):
    """Asked on a terminal and refused, the consent stands."""
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)
    assert "Nothing was done." in run("consent", "withdraw", lived.pupil, answer="n\n").stderr
    assert ask("consent", "list")["counts"]["granted"] == 1
