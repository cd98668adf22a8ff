"""Every failure becomes a code, a cause and the next command, in one place: two lines on stderr, or one document."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ejsync.cli import showing
from ejsync.cli.next_step import expected, remedy
from ejsync.errors import BadInput, ConfigError, ConfigFault, EjsyncError, Exit
from ejsync.wording import N_, say

INTERRUPTED = 130
BUG_CODE, USAGE_CODE = "EJ-900", "EJ-800"


def ended(work: Callable[[], Any], *, as_json: bool, debug: bool) -> int:
    """Do the work of a command line and return the exit code, whatever happens."""
    try:
        found = work()
    except EjsyncError as error:
        tell_failure(error, as_json=as_json)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        showing.note("\n" + say(N_("stopped; what was done is kept")))
        return INTERRUPTED
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug ends in one line, not in a page
        return _bug(error, as_json=as_json, debug=debug)
    return int(found) if isinstance(found, int) else Exit.WELL


def told(error: EjsyncError) -> dict[str, Any]:
    """Return an error as a document."""
    return {"code": error.code, "cause": error.sentence(), "next_step": remedy(error), "faults": _faults(error)}


def tell_failure(error: EjsyncError, *, as_json: bool) -> None:
    """Say what failed and what to type next."""
    if as_json:
        showing.document({"ok": False, **told(error)})
        return
    explain(error)


def explain(error: EjsyncError) -> None:
    """Print an error to stderr: code and cause, each fault, the next command."""
    showing.note(f"{error.code}  {error.sentence()}")
    faults = error.faults if isinstance(error, ConfigError | BadInput) else ()
    for fault in faults:
        showing.note(_listed(fault))
    showing.note(f"→ {remedy(error)}")


def explain_all(errors: list[EjsyncError]) -> None:
    """Print errors, each different one once: six feeds may fail for one reason."""
    for error in unique(errors):
        explain(error)


def unique(errors: list[EjsyncError]) -> list[EjsyncError]:
    """Return the errors that differ in what they say."""
    return list({error.sentence(): error for error in errors}.values())


def _listed(fault: ConfigFault | str) -> str:
    if isinstance(fault, str):
        return f"  {fault}"
    place = f"{fault.file}: {fault.key}" if fault.key else fault.file
    told = say(N_("{problem}; expected: {expected}"), problem=fault.problem, expected=expected(fault))
    return f"  {place}\n      {told}"


def _faults(error: EjsyncError) -> list[Any]:
    if isinstance(error, ConfigError):
        return [
            {"file": fault.file, "key": fault.key, "problem": fault.problem, "expected": expected(fault)}
            for fault in error.faults
        ]
    return list(error.faults) if isinstance(error, BadInput) else []


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if not as_json:
        error.show()
        return Exit.USAGE
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "ejsync"
    told_so = {"code": USAGE_CODE, "cause": error.format_message(), "next_step": f"{command} --help", "faults": []}
    showing.document({"ok": False, **told_so})
    return Exit.USAGE


def _bug(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Name the class and the place only: a foreign message may quote data."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    cause = say(N_("This is a bug in ejsync: {kind} at {place}."), kind=type(error).__name__, place=place)
    advice = say(N_("run it again with --debug and send what it prints to the developers"))
    if as_json:
        showing.document({"ok": False, "code": BUG_CODE, "cause": cause, "next_step": advice, "faults": []})
    else:
        showing.note(f"{BUG_CODE}  {cause}\n→ {advice}")
    if debug:
        showing.note("".join(_traced(error)))
    return Exit.BUG


def _traced(error: BaseException) -> Iterator[str]:
    """Yield where an error came from, and what led to it, oldest first; what foreign messages quote is left out."""
    from ejsync.logs import error_text, masked

    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _traced(before)
    yield "Traceback (most recent call last):\n"
    yield from map(masked, traceback.format_tb(error.__traceback__))
    yield f"{masked(error_text(error))}\n"
