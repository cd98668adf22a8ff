"""Extracts for a whole school: seconds and peak memory, one file for each pupil and one file for each class.

An invented school is put into a store; each way runs in a process of its own, so that its memory is its own. Figures of
one run on one machine: compare the ratios, not the seconds.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ejsync.cli.files import put_parts
from ejsync.reports.class_records import Archive
from ejsync.reports.extracting import documents, witness
from ejsync.reports.paper import Press

sys.path.insert(0, str(Path(__file__).parents[1]))
invented: Any = import_module("tests.doubles.paper_class")
worlds: Any = import_module("tests.doubles.world")

LETTERS = "АБВ"


@dataclass(frozen=True, slots=True)
class Measured:
    """One way: what was written; seconds of reading, setting, writing with its audit event; peak memory."""

    name: str
    pupils: int
    files: int
    pages: int
    megabytes: float
    reading_s: float
    setting_s: float
    writing_s: float
    peak_mb: float

    @property
    def seconds(self) -> float:
        """Seconds of the whole way."""
        return self.reading_s + self.setting_s + self.writing_s


def furnish(folder: Path, pupils: int, in_class: int) -> list[str]:
    """Put a school into a store and return the names of its classes."""
    names: list[str] = []
    world = worlds.World(folder)
    for place in range(-(-pupils // in_class)):
        name = f"{2 + place // len(LETTERS) % 10}{LETTERS[place % len(LETTERS)]}" + "'" * (place // 30)
        first = place * in_class
        some = range(first, min(first + in_class, pupils))
        people = [(str(10_000 + one), f"Примерова{one}", "Анна", "Ивановна") for one in some]
        invented.keep(world, invented.class_records(name, people=people, seed=place))
        names.append(name)
    world.close()
    return names


def run(folder: Path, names: list[str], *, together: bool) -> Measured:
    """Write all extracts in one way."""
    world, out = worlds.World(folder), folder / ("classes" if together else "pupils")
    out.mkdir()
    archive, press = Archive(world.wiring, "Школа № 7"), Press("extract")
    spent = {"reading": 0.0, "setting": 0.0, "writing": 0.0}
    pages, pupils = 0, 0
    files: list[Path] = []
    for name in names:
        start = time.perf_counter()
        records = archive.read(name)
        since = _spend(spent, "reading", start)
        pupils += len(records.people)
        for document in documents(press, records, records.people, together=together):
            since = _spend(spent, "setting", since)
            files.append(out / f"{name if together else document.people[0].pupil}.pdf")
            put_parts(files[-1], [document.printed.content], force=False)
            witness(world.wiring, document)
            pages += document.printed.pages
            since = _spend(spent, "writing", since)
    world.close()
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    way = "a file each class" if together else "a file each pupil"
    times = (spent["reading"], spent["setting"], spent["writing"])
    return Measured(way, pupils, len(files), pages, megabytes, *times, peak_mb)


def _spend(spent: dict[str, float], stage: str, since: float) -> float:
    now = time.perf_counter()
    spent[stage] += now - since
    return now


def apart(work: Any, *arguments: Any, **named: Any) -> Any:
    """Do something in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **named).result()


def table(ways: list[Measured]) -> Iterator[str]:
    """Yield the result, line by line."""
    yield (
        f"{'way':<19}{'pupils':>7}{'files':>7}{'pages':>7}{'MB':>7}{'read, s':>9}{'set, s':>8}{'write, s':>10}"
        f"{'all, s':>8}{'ms/pupil':>10}{'× first':>9}{'peak, MB':>10}"
    )
    for one in ways:
        yield (
            f"{one.name:<19}{one.pupils:>7}{one.files:>7}{one.pages:>7}{one.megabytes:>7.1f}{one.reading_s:>9.1f}"
            f"{one.setting_s:>8.1f}{one.writing_s:>10.1f}{one.seconds:>8.1f}{1e3 * one.seconds / one.pupils:>10.1f}"
            f"{one.seconds / ways[0].seconds:>9.2f}{one.peak_mb:>10.0f}"
        )


def main() -> None:
    """Furnish a school, write its extracts in both ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pupils", type=int, default=600)
    parser.add_argument("--in-class", type=int, default=25)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = apart(furnish, folder, asked.pupils, asked.in_class)
        ways = [apart(run, folder, names, together=together) for together in (False, True)]
    print("\n".join(table(ways)))


if __name__ == "__main__":
    main()
