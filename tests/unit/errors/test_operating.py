"""Errors of operation."""

import dataclasses

import pytest

from ejsync.errors import (
    AuditBroken,
    BadInput,
    ConfigError,
    ConfigFault,
    Disposition,
    Exit,
    HeldForApproval,
    IllegalTransition,
    InstanceRunning,
    LeaseLost,
    NotFound,
    PaperFailed,
    StoreError,
)


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (ConfigError, Exit.CONFIGURATION),
        (StoreError, Exit.CONFIGURATION),
        (LeaseLost, Exit.INSTANCE_RUNNING),
        (InstanceRunning, Exit.INSTANCE_RUNNING),
        (IllegalTransition, Exit.USAGE),
        (HeldForApproval, Exit.HELD),
        (AuditBroken, Exit.AUDIT_BROKEN),
        (BadInput, Exit.USAGE),
        (NotFound, Exit.USAGE),
        (PaperFailed, Exit.BUG),
    ],
)
def test_trouble_of_operation_halts_with_its_exit_code(kind, exit_code):
    """Nothing here passes by itself; scripts tell the causes apart by the exit code."""
    assert (kind.disposition, kind.exit_code) == (Disposition.HALT, exit_code)


def test_exit_codes_are_the_documented_numbers():
    """Scripts rely on them: they never change."""
    assert {code.name: code.value for code in Exit} == {
        "WELL": 0,
        "BUG": 1,
        "USAGE": 2,
        "WITH_DEAD_ITEMS": 3,
        "CONFIGURATION": 4,
        "TEMPORARY": 5,
        "STALE": 6,
        "HELD": 7,
        "AUDIT_BROKEN": 8,
        "INSTANCE_RUNNING": 10,
    }


def test_a_fault_says_where_what_and_what_else():
    """A fault of the settings cannot be changed after it was found."""
    fault = ConfigFault("f", "k", "p", "e")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fault.key = "x"


def test_the_next_step_names_the_thing_itself():
    """An operator can copy the next command as it stands."""
    assert IllegalTransition(batch="b1", current="dead", wanted="pending").remedy() == "ejsync batches show b1"
    assert NotFound(what="batch", name="b1", listing="ejsync batches list").remedy() == "ejsync batches list"
