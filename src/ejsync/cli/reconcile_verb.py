"""`reconcile`: compare what diaries hold with what they were last seen to hold, and send what they have lost."""

from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.failing import explain, told
from ejsync.cli.glossary import word
from ejsync.cli.next_step import commanded
from ejsync.cli.outcome import most_serious
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.errors import Exit, NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ejsync.bootstrap import Exchange
    from ejsync.domain.comparing import Difference, Holding
    from ejsync.pipeline.ports import Wiring
    from ejsync.pipeline.reconcile import Course, Reconciled

    Report = tuple[Wiring, Reconciled]

WHO_SENDS = N_("The running ejsync sends them by itself; without one: ejsync sync")


def _kinds() -> list[str]:
    from ejsync.domain.records import Kind

    return [kind.value for kind in Kind]


@click.command(
    "reconcile",
    cls=Verb,
    help=N_("Compare diaries with the store: = same, - missing there, + unknown here, * differs, ! unreadable."),
    examples=("ejsync reconcile", "ejsync reconcile --all --kind final_mark", "ejsync reconcile --repair"),
)
@option(
    "--sample/--all",
    default=True,
    help=N_("Compare key by key only where digests differ (the default), or everywhere."),
)
@option("--repair", is_flag=True, help=N_("Send what is missing or differs; nothing that others wrote is touched."))
@option("--kind", "kinds", type=click.Choice(_kinds()), multiple=True, help=N_("Only this kind; may be repeated."))
@option("--sink", metavar=N_("NAME"), help=N_("Only this diary."))
@option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help=N_("How many keys to show."))
@of_school
@as_json
@pass_desk
def reconcile(desk: Desk, /, *, school: str | None, as_json: bool, **how: Any) -> int:
    """Compare; exit 0 same, 3 differences left, 5 a diary is away, 7 a mass of retractions waits for approval."""
    with desk.exchange() as exchange:
        done = [_compared(wiring, sink, how) for wiring, sink in _chosen(exchange, school, how["sink"])]
    verdict = most_serious(_verdict(report) for _, report in done)
    if as_json:
        documents = [_document(wiring, report, how["limit"]) for wiring, report in done]
        showing.document({"ok": verdict is Exit.WELL, "exit_code": int(verdict), "diaries": documents})
        return verdict
    for wiring, report in done:
        _show(wiring, report, how["limit"])
    _next(report for _, report in done)
    return verdict


def _chosen(exchange: "Exchange", school: str | None, sink: str | None) -> "list[tuple[Wiring, str]]":
    wirings = exchange.school(school)
    chosen = [(wiring, name) for wiring in wirings for name in wiring.sinks if sink in {None, name}]
    if not chosen:
        raise NotFound(what=say(N_("diary")), name=sink or "", listing="ejsync config show")
    return chosen


def _compared(wiring: "Wiring", sink: str, how: dict[str, Any]) -> "Report":
    from ejsync.pipeline.reconcile import reconcile as compare

    return wiring, compare(wiring, sink, _course(how))


def _course(how: dict[str, Any]) -> "Course":
    from ejsync.domain.records import Kind
    from ejsync.pipeline.mend import Repair
    from ejsync.pipeline.reconcile import Course, Scope

    scope = Scope.SAMPLE if how["sample"] else Scope.ALL
    kinds = tuple(map(Kind, how["kinds"])) or tuple(Kind)
    return Course(scope, Repair.ALL if how["repair"] else Repair.NOTHING, kinds)


def _verdict(report: "Reconciled") -> Exit:
    codes: list[Exit] = [report.error.exit_code] if report.error else []
    codes += [Exit.HELD] if report.held else []
    codes += [Exit.WITH_DEAD_ITEMS] if report.left else []
    return most_serious(codes)


def _document(wiring: "Wiring", report: "Reconciled", limit: int) -> dict[str, Any]:
    by_kind: dict[str, dict[str, int]] = {}
    for (finding, kind), count in sorted(report.findings.items()):
        by_kind.setdefault(kind.value, {})[finding.value] = count
    return {
        "school": wiring.school,
        "sink": report.sink,
        "scope": report.scope.value,
        "counts": report.counts(),
        "kinds": by_kind,
        "differences": [_difference(one) for one in report.differences[:limit]],
        "error": told(report.error) if report.error else None,
    }


def _difference(one: "Difference") -> dict[str, Any]:
    sides = {"here": one.ours, "there": one.theirs}
    versions = {name: held.version if held else None for name, held in sides.items()}
    return {"sign": one.finding.value, "kind": one.kind.value, "key": one.key, **versions}


def _show(wiring: "Wiring", report: "Reconciled", limit: int) -> None:
    from ejsync.pipeline.reconcile import Scope

    showing.heading(f"{wiring.school} · {report.sink}")
    if report.error is not None:
        explain(report.error)
    if report.scope is Scope.SILENT:
        showing.line(say(N_("This diary cannot be read back: there is nothing to compare with.")))
        return
    _show_kinds(report)
    _show_keys(report.differences[:limit])
    for text, style in _sentences(report):
        showing.line(text, style)


def _show_kinds(report: "Reconciled") -> None:
    from ejsync.domain.comparing import Finding

    kinds = dict.fromkeys(kind for _, kind in report.findings)
    rows = [[word(kind.value), *(report.findings[finding, kind] for finding in Finding)] for kind in kinds]
    if rows:
        showing.table([say(N_("Records")), *(finding.value for finding in Finding)], rows, folding=0)


def _show_keys(differences: "list[Difference]") -> None:
    if not differences:
        return
    heads = (N_("Sign"), N_("Records"), N_("Version here"), N_("Version there"), N_("Key"))
    rows = [
        [(one.finding.value, WARNING), word(one.kind.value), _version(one.ours), _version(one.theirs), one.key]
        for one in differences
    ]
    showing.line()
    showing.table([say(head) for head in heads], rows)


def _version(held: "Holding | None") -> object:
    return "-" if held is None else held.version or "?"


def _sentences(report: "Reconciled") -> "Iterator[tuple[str, str]]":
    """Say what a comparison means for who reads it."""
    if report.under_way:
        told_so = say_count(
            "{count} record is under way: no difference.",
            "{count} records are under way: no difference.",
            report.under_way,
        )
        yield told_so, ""
    if report.foreign:
        told_so = say_count(
            "{count} record there was never ours: it stays untouched.",
            "{count} records there were never ours: they stay untouched.",
            report.foreign,
        )
        yield told_so, WARNING
    if report.queued:
        yield say_count("{count} change is queued.", "{count} changes are queued.", report.queued), GOOD
    if report.held:
        told_so = say_count(
            "{count} retraction waits for approval: it is a mass.",
            "{count} retractions wait for approval: they are a mass.",
            report.held,
        )
        yield told_so, WARNING
    if report.left:
        yield say_count("{count} difference is left.", "{count} differences are left.", report.left), BAD
    elif report.error is None:
        yield say(N_("The diary holds what it should.")), GOOD


def _next(reports: "Iterable[Reconciled]") -> None:
    """Name the next command."""
    done = list(reports)
    mendable = any(r.left > r.foreign + r.nameless for r in done)
    steps = {
        WHO_SENDS: any(r.queued for r in done),
        N_("Look at it and decide: ejsync batches list --state held"): any(r.held for r in done),
        N_("Send what is missing or differs: ejsync reconcile --repair"): mendable,
    }
    for step, wanted in steps.items():
        if wanted:
            showing.line(f"→ {commanded(say(step))}")
