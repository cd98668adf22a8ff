"""`privacy report`: what is told of a pupil, on the screen and on paper."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ejsync.cli import showing
from ejsync.cli.files import put_parts
from ejsync.cli.glossary import day, word
from ejsync.cli.showing import WARNING
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring

_PAGE_OF = "стр. %p из %n"
_DEEDS = {
    "sent": N_("sent"),
    "sent again": N_("sent again"),
    "retracted": N_("retracted"),
    "retracted again": N_("retracted again"),
}
_OUTCOMES = {
    "unknown": N_("no answer yet"),
    "delivered": N_("delivered"),
    "rejected": N_("rejected"),
    "failed": N_("failed"),
    "split": N_("sent anew in halves"),
    "cancelled": N_("called off"),
}


def write_report(exchange: "Exchange", wiring: "Wiring", told: Mapping[str, Any], out: Path, *, force: bool) -> None:
    """Write the PDF/A that answers a family, for its owner only.

    Raises:
        BadInput: it is there already and `force` is not given, or it cannot be written.
        PaperFailed: it cannot be set.
    """
    from ejsync.reports.family import answer
    from ejsync.reports.paper import Press

    school = next(one for one in exchange.settings.schools if one.name == wiring.school)
    years = exchange.settings.retention.consents_years
    data = answer(told, operator=school.title, address=school.address, zone=wiring.zone, years=years)
    today = wiring.clock.now().astimezone(wiring.zone).date()
    paper = Press("family").pdf({**data, "page_of": _PAGE_OF}, today)
    put_parts(out, [paper.content], force=force)


def show_report(told: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Print what is held, what stands, what left, what was put on paper."""
    showing.heading(say(N_("{school}, pupil {pupil}"), school=told["school"], pupil=told["pupil"]))
    _table(
        (N_("What is held"), N_("Count"), N_("School days"), N_("Since")), [_held(one, zone) for one in told["held"]]
    )
    for sentence, count in _counts(told):
        showing.line(say(sentence, count=count))
    heads = (N_("No."), N_("Scope"), N_("Document"), N_("From"), N_("Until"), N_("Ground"))
    _table(heads, [_consent(one) for one in told["consents"]])
    rows = [[word(one["kind"]), one["count"], word(one["ground"])] for one in told["withheld"]]
    _table((N_("Withheld"), N_("Count"), N_("Ground")), rows)
    heads = (N_("When"), N_("What left"), N_("Records"), N_("Sink"), N_("Consents"), N_("What came of it"))
    _table(heads, [_deed(one, zone) for one in told["left"]])
    papers = [[_local(one["at"], zone), one["extract"]["class"], one["extract"]["pages"]] for one in told["papers"]]
    _table((N_("Put on paper"), N_("Class"), N_("Pages")), papers)
    if told.get("keys_renewed_at"):
        sentence = N_("Keys were lost and made anew at {at}: what had left before may not be found by pupil.")
        showing.line(say(sentence, at=_local(told["keys_renewed_at"], zone)), WARNING)
    for one in told["erasures"]:
        at = _local(one["begun_at"], zone)
        showing.line(say(N_("Erasure No. {number}, begun {at}: {step}"), number=one["number"], at=at, step=one["step"]))


def _table(heads: Sequence[str], rows: list[list[Any]]) -> None:
    if rows:
        showing.line()
        showing.table([say(head) for head in heads], rows)


def _counts(told: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = (
        (N_("In quarantine, never sent: {count}"), told["quarantined"]),
        (N_("Rows of the office's sheets: {count}"), told["office"]),
    )
    return [(sentence, count) for sentence, count in found if count]


def _held(one: Mapping[str, Any], zone: ZoneInfo) -> list[Any]:
    days = "-" if one["first"] is None else f"{day(one['first'])}-{day(one['last'])}"
    return [word(one["kind"].value), one["count"], days, showing.local(one["since"], zone)]


def _consent(one: Mapping[str, Any]) -> list[Any]:
    until = day(one["valid_until"]) if one["valid_until"] else "-"
    start = day(one["valid_from"])
    return [one["number"], word(one["scope"]), one["document"], start, until, word(one["ground"].value)]


def _deed(one: Mapping[str, Any], zone: ZoneInfo) -> list[Any]:
    records = ", ".join(f"{word(kind)} {count}" for kind, count in sorted(one["records"].items()))
    came = ", ".join(f"{say(_OUTCOMES[name])} {count}" for name, count in one.get("outcome", {}).items())
    numbers = ", ".join(map(str, one.get("consents", ())))
    return [_local(one["at"], zone), say(_DEEDS[one["what"]]), records, one["sink"], numbers, came]


def _local(value: datetime | str, zone: ZoneInfo) -> str:
    return showing.local(datetime.fromisoformat(value) if isinstance(value, str) else value, zone)
