"""Every failure: code, cause, next command; one place."""

import json

import click
import pytest

from ejsync.cli.failing import ended, explain_all, unique
from ejsync.errors import BadInput, ConfigError, ConfigFault, Exit, SourceAuthFailed
from ejsync.wording import use_language


@pytest.fixture(autouse=True)
def _english():
    """Speak English."""
    use_language("en")


def _raise(error):
    def work():
        raise error

    return work


AUTH = SourceAuthFailed(host="https://a.example", account="reader", reason="wrong password")


def test_a_foreseen_error_is_two_lines_and_its_exit_code(capsys):
    """Code and sentence, an arrow and the next command, on stderr."""
    assert ended(_raise(AUTH), as_json=False, debug=False) == Exit.CONFIGURATION
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert first.startswith("EJ-203  ")
    assert "reader" in first
    assert second.startswith("→ ")


def test_with_json_an_error_is_one_document(capsys):
    """Code, cause, next step and faults stand on stdout, and nothing elsewhere."""
    error = BadInput(what="x.csv", faults=("row 2",))
    assert ended(_raise(error), as_json=True, debug=False) == Exit.USAGE
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["ok"], told["code"], told["faults"], err) == (False, "EJ-801", ["row 2"], "")


def test_a_bug_is_one_line_without_what_it_says(capsys):
    """The class and the place are told, never the message: it may quote data; the trace only when asked for."""
    assert ended(_raise(ValueError("Иванов")), as_json=False, debug=False) == Exit.BUG
    err = capsys.readouterr().err
    assert "EJ-900" in err
    assert "Иванов" not in err
    ended(_raise(ValueError("x")), as_json=False, debug=True)
    assert "Traceback" in capsys.readouterr().err
    ended(_raise(ValueError("x")), as_json=True, debug=False)
    assert json.loads(capsys.readouterr().out)["code"] == "EJ-900"


def _caused(name="Иванов"):
    try:
        {}[name]
    except KeyError as error:
        raise ValueError(f"{name} is none of them") from error


def test_a_trace_does_not_quote(capsys):
    """With --debug each error of the chain is shown by its class and its places, oldest first, without its message."""
    assert ended(_caused, as_json=False, debug=True) == Exit.BUG
    err = capsys.readouterr().err
    assert "Иванов" not in err
    assert err.index("KeyError") < err.rindex("ValueError")
    assert err.count("in _caused") == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_one_sentence(error, capsys):
    """Ctrl-C ends with 130 and says that what was done is kept."""
    assert ended(_raise(error), as_json=False, debug=False) == 130
    assert capsys.readouterr() == ("", "\nstopped; what was done is kept\n")


def test_a_lost_key_is_to_be_put_back(capsys):
    """Its remedy and its fault name the copy: a new key would not fit the store."""
    fault = ConfigFault("file:master.key", "keys.master", "the file or variable is missing or empty", "32 random bytes")
    ended(_raise(ConfigError(file="file:master.key", faults=(fault,))), as_json=False, debug=False)
    err = capsys.readouterr().err
    assert "put the master key back from its copy" in err
    assert "32 random bytes" not in err


def test_a_wrong_use_ends_with_2(capsys):
    """Click's own complaint, or a document."""
    assert ended(_raise(click.UsageError("no")), as_json=False, debug=False) == 2
    assert "no" in capsys.readouterr().err
    assert ended(_raise(click.UsageError("no")), as_json=True, debug=False) == 2
    assert json.loads(capsys.readouterr().out)["cause"] == "no"


def test_a_verbs_own_code_is_kept():
    """What a verb returns is the exit code; nothing returned is well."""
    assert ended(lambda: Exit.HELD, as_json=False, debug=False) == 7
    assert ended(lambda: None, as_json=False, debug=False) == 0


def test_a_closed_pipe_is_left_to_click():
    """`| head` is nobody's bug."""
    with pytest.raises(BrokenPipeError):
        ended(_raise(BrokenPipeError()), as_json=False, debug=False)


def test_one_reason_is_told_once(capsys):
    """Six feeds that fail alike are one complaint."""
    assert len(unique([AUTH] * 6)) == 1
    explain_all([AUTH] * 6)
    assert capsys.readouterr().err.count("EJ-203") == 1
