"""What `privacy report` tells of one pupil, as plain data: nothing in it is of anybody else."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ejsync.cli.audit_pupil import stories
from ejsync.errors import NotFound

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.consent import Consent
    from ejsync.pipeline.ports import Transaction, Wiring

_DEEDS = ("sent", "sent again", "retracted", "retracted again")


def told_of(exchange: "Exchange", wiring: "Wiring", pupil: str) -> dict[str, Any]:
    """Gather what is held of a pupil and what the verified log says of him.

    Raises:
        NotFound: nothing is held of him, and the log does not know him.
        AuditBroken: the log does not verify; nothing is answered out of it.
    """
    [story] = stories(exchange, [wiring], pupil)
    with exchange.store.read(wiring.school) as tx:
        rows = tx.erasures.rows_of(pupil)
        erasures = tx.erasures.of(story.pseudonym)
        if not rows and not story.deeds and not erasures:
            raise NotFound(what="pupil", name=pupil, listing="ejsync consent list")
        held = [asdict(one) for one in tx.erasures.held_of(pupil)]
        return {
            "school": wiring.school,
            "pupil": pupil,
            "pseudonym": story.pseudonym,
            "at": wiring.clock.now(),
            "held": held,
            "quarantined": rows.get("quarantine", 0),
            "office": rows.get("office_row", 0),
            "consents": [_decision(wiring, one) for one in story.papers.values()],
            "withheld": _withheld(tx, pupil),
            "left": [_deed(deed) for deed in story.document()["deeds"] if deed["what"] in _DEEDS],
            "totals": story.totals(),
            "papers": [_deed(deed) for deed in story.document()["deeds"] if deed["what"] == "printed"],
            "keys_renewed_at": _keys_renewed_at(tx),
            "erasures": [{"number": one.number, "step": one.step, "begun_at": one.begun_at} for one in erasures],
        }


def _keys_renewed_at(tx: "Transaction") -> str | None:
    """Return since when pupils may stand in the log under other pseudonyms: what left before is not found by them."""
    from ejsync.domain.checkpoints import RENEWED

    return max((entry.at for entry in tx.audit.walk(event=RENEWED)), default=None)


def _decision(wiring: "Wiring", one: "Consent") -> dict[str, Any]:
    from ejsync.domain.consent import permission

    standing = permission([one], wiring.clock.now(), wiring.zone)
    return {**asdict(one), "ground": standing.ground}


def _withheld(tx: "Transaction", pupil: str) -> list[dict[str, Any]]:
    """Count by kind what is held and does not leave at this moment, with the ground."""
    from ejsync.pipeline.gate import gate_in_effect

    known = [row for row in tx.erasures.known_of(pupil) if not row.gone]
    gate = gate_in_effect(tx, {row.pupil for row in known})
    grounds = ((row.kind, gate.of(row.pupil)) for row in known if not gate.lets_pass(row.pupil))
    counts = Counter((kind, found.ground) for kind, found in grounds if found is not None)
    return [{"kind": kind, "ground": ground, "count": count} for (kind, ground), count in sorted(counts.items())]


def _deed(deed: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only those who keep the log need."""
    names = ("at", "what", "sink", "records", "consents", "documents", "outcome", "extract")
    return {name: deed[name] for name in names if deed[name]}
