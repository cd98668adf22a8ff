"""Seeds lived with a token in every personal field and every secret: none may stand in a log line or a file."""

import io
import shutil
import tempfile
from itertools import count
from pathlib import Path

from ejsync import logs
from tests.canaries.scanner import Scanner
from tests.canaries.tokens import Alphabet, Mint, Worth
from tests.simulation import journal, machine, school
from tests.simulation.story import run


def plant(mint):
    """Let the journal's people, comments and the service's secrets be tokens."""
    journal.PERSON = lambda pupil: {
        "name": pupil,
        **{name: mint.personal(pupil, name) for name in ("lastname", "firstname", "middlename")},
    }
    journal.TEACHER.update({name: mint.personal("teacher", name) for name in ("lastname", "firstname", "middlename")})
    school.COMMENTS = ("", "", mint.personal("comment", 1), mint.personal("comment", 2))
    machine.SECRETS["SIM_MASTER"] = mint.secret("master", alphabet=Alphabet.HEX)
    for name in ("SIM_DEVKEY", "SIM_PASSWORD", "SIM_CLIENT"):
        machine.SECRETS[name] = mint.secret(name)


def searched(first, seeds):
    """Live some seeds at debug level; return how much was searched, what was planted, and every hit."""
    mint, folder = Mint(), Path(tempfile.mkdtemp(prefix="ejsync-sim-"))
    plant(mint)
    scanner, hits, lines, files, carried = Scanner(mint), [], 0, count(), 0
    try:
        ground = machine.Ground(folder)
        logs.configure("debug", "json", stream := io.StringIO())
        for seed in range(first, first + seeds):
            world = run(seed, ground)
            carried += len(scanner.search(str(world.diary.live()).encode(), "diary"))
            said = stream.getvalue()
            lines += said.count("\n")
            stream.seek(0)
            stream.truncate()
            hits += scanner.search(said.encode(), f"log of {seed}")
            for file in (path for path in folder.rglob("*") if path.is_file()):
                next(files)
                hits += scanner.search(file.read_bytes(), f"{file.name} of {seed}")
    finally:
        shutil.rmtree(folder)
    shown = {name: len(mint.of(worth)) for name, worth in (("personal", Worth.PERSONAL), ("secret", Worth.SECRET))}
    told = {
        "seeds": seeds,
        "carried": carried,
        "lines": lines,
        "files": next(files),
        "bytes": scanner.searched,
        **shown,
    }
    return {**told, "hits": [str(hit) for hit in hits]}
