"""`contracts`: listed and checked."""

from ejsync.contracts import Contracts, Finding, Verdict


def test_every_contract_is_listed(ask, run):
    """Names and titles of all of them."""
    told = ask("contracts", "list")["contracts"]
    assert {"ed/v1/mark", "audit/v1/event"} <= {row["contract"] for row in told}
    assert all(row["title"] for row in told)
    assert "ed/v1/mark" in run("contracts", "list").stdout


def test_sound_contracts_are_well(ask, run):
    """Each schema and example was checked."""
    assert ask("contracts", "validate")["checked"] > 50
    assert "all well" in run("contracts", "validate").stdout


def test_a_fault_ends_with_exit_4(ask, run, monkeypatch):
    """A refused example is named with its pointers."""
    bad = [Finding("ed/v1/examples/valid/mark.json", "ed/v1/mark", Verdict.REFUSED, ("/raw",))]
    monkeypatch.setattr(Contracts, "validate_examples", lambda _self: bad)
    assert ask("contracts", "validate", code=4)["faults"][0]["pointers"] == ["/raw"]
    assert "/raw" in run("contracts", "validate").stdout
