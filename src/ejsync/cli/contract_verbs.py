"""`contracts`: the JSON Schemas at the borders, and whether they and their examples hold."""

from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.glossary import word
from ejsync.cli.showing import GOOD
from ejsync.cli.speaking import Verbs, as_json
from ejsync.errors import Exit
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.contracts import Finding

group = Verbs(
    "contracts",
    help=N_("List the contracts at the borders, and check them."),
    examples=("ejsync contracts list", "ejsync contracts validate"),
)


@group.command(
    "list",
    help=N_("List every contract by its name."),
    examples=("ejsync contracts list", "ejsync contracts list --json"),
)
@as_json
def show_list(*, as_json: bool) -> None:
    """Print names and titles."""
    from ejsync.contracts import Contracts

    contracts = Contracts()
    found = [{"contract": name, "title": _title(contracts.schema(name))} for name in contracts.names()]
    if as_json:
        showing.document({"contracts": found})
        return
    showing.table([say(N_("Contract")), say(N_("Title"))], [[row["contract"], row["title"]] for row in found])


def _title(schema: dict[str, Any]) -> str:
    """Take a schema's title, else the first sentence of its description."""
    return str(schema.get("title") or str(schema.get("description", "")).split(". ")[0])


@group.command(
    "validate",
    help=N_("Check every schema, and every valid and invalid example against its schema."),
    examples=("ejsync contracts validate", "ejsync contracts validate --json"),
)
@as_json
def validate(*, as_json: bool) -> int:
    """Print what does not hold."""
    from ejsync.contracts import Contracts, Verdict

    findings = Contracts().validate_examples()
    bad = [finding for finding in findings if finding.verdict is not Verdict.GOOD]
    if as_json:
        showing.document({"ok": not bad, "checked": len(findings), "faults": [_told(finding) for finding in bad]})
    elif bad:
        heads = (N_("File"), N_("Fault"), N_("Places"))
        rows = [[finding.file, word(finding.verdict.value), " ".join(finding.pointers)] for finding in bad]
        showing.table([say(head) for head in heads], rows)
    else:
        done = say_count("{count} file checked, all well.", "{count} files checked, all well.", len(findings))
        showing.line(done, GOOD)
    return Exit.CONFIGURATION if bad else Exit.WELL


def _told(finding: "Finding") -> dict[str, Any]:
    return {
        "file": finding.file,
        "contract": finding.contract,
        "fault": finding.verdict.value,
        "pointers": list(finding.pointers),
    }
