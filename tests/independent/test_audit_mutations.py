"""Whatever is changed in an exported audit log, `audit verify` and the standalone verifier find it, each by itself."""

import ast
import json
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from ejsync.cli.audit_check import Elsewhere, check_export, check_file
from ejsync.cli.entry import cli
from ejsync.domain.audit_export import logs_in
from ejsync.domain.checkpoints import Checkpoint
from ejsync.errors import AuditBroken, BadInput
from tests.doubles.audit_file import FORGER, OURS, SCHOOLS, file_of, kept, line, log_of, renewed, sound
from tests.doubles.audit_file import checkpoints as signed_at
from tests.independent.audit_mutations import mutations

ROOT = Path(__file__).parents[2]
STANDALONE, PAGE = ROOT / "tools" / "verify_audit.py", ROOT / "docs" / "audit-format.md"
EXAMPLE = Path(__file__).with_name("audit-example.jsonl")
LEVELS = ("alone", "with the key", "with a checkpoint")
"""What must be known for a change to be found: nothing, the public key, the newest checkpoints too."""


@pytest.fixture(scope="module")
def standalone():
    """The standalone verifier, as a module."""
    spec = spec_from_file_location("verify_audit", STANDALONE)
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def verifiers(standalone):
    """Both verifiers: each says at which level it finds a file changed, or None."""
    theirs = [standalone.from_line(one.line()) for one in kept()]

    def by_standalone(content):
        for level, (key, checkpoints) in enumerate((("", ()), (OURS.public, ()), (OURS.public, theirs))):
            try:
                standalone.verify(content, key, checkpoints)
            except standalone.Wrong:
                return LEVELS[level]
        return None

    def by_ejsync(content):
        known = Elsewhere(), Elsewhere(key=OURS.public), Elsewhere(key=OURS.public, checkpoints=kept_once)
        for level, one in enumerate(known):
            try:
                check_export(content, "audit.jsonl", one)
            except (AuditBroken, BadInput):
                return LEVELS[level]
        return None

    kept_once = kept()
    return by_standalone, by_ejsync


def counted(verifiers, changes):
    """Count by kind and level; what escapes either verifier, or is found at another level, is listed."""
    found, escaped = Counter(), []
    for kind, content in changes:
        by_standalone, by_ejsync = (verifier(content) for verifier in verifiers)
        found[kind, by_standalone] += 1
        if by_standalone is None or by_standalone != by_ejsync:
            escaped.append((kind, by_standalone, by_ejsync, content))
    return found, escaped


def test_a_sound_file_is_sound_to_both(verifiers):
    """What was not changed is found whole, whatever is known of it."""
    assert [verifier(sound()) for verifier in verifiers] == [None, None]


def test_two_hundred_changes_are_found(verifiers):
    """A small sample of what the long proof does: every change is found by both, at the same level."""
    found, escaped = counted(verifiers, mutations(sound(), Random(2), 200))
    assert (escaped, found.total()) == ([], 200)


@pytest.mark.slow
def test_ten_thousand_changes_are_found(verifiers, tally):
    """Each of 10 000 random changes is found by `audit verify` and by the standalone verifier alike."""
    found, escaped = counted(verifiers, mutations(sound(), Random(10_000), 10_000))
    assert (escaped, found.total()) == ([], 10_000)
    kinds = sorted({kind for kind, _ in found})
    tally.append("audit: 10000 of 10000 changes found by `audit verify`, 10000 of 10000 by tools/verify_audit.py")
    tally.append(f"audit: {'kind of change':24}" + "".join(f"{level:>20}" for level in LEVELS))
    tally.extend(f"audit: {kind:24}" + "".join(f"{found[kind, level]:>20}" for level in LEVELS) for kind in kinds)


def run_standalone(*words):
    """Run the standalone verifier as a process that knows nothing of ejsync."""
    return subprocess.run(
        [sys.executable, "-I", STANDALONE, *words], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.fixture
def trusted(tmp_path):
    """What an outsider holds: the key, and a file of checkpoints."""
    (tmp_path / "kept.txt").write_text("".join(f"{one.line()}\n" for one in kept()))
    return "--key", OURS.public, "--against", tmp_path / "kept.txt"


@pytest.mark.slow
def test_the_program_and_the_verb_say_no_too(trusted, tmp_path, tally):
    """As a process the verifier ends with 1 and the verb with 8 for each of 60 changes, with 0 for the sound file."""
    file = tmp_path / "audit.jsonl"
    file.write_bytes(sound())
    assert run_standalone(file, *trusted).returncode == 0
    endings = Counter()
    for _, content in mutations(sound(), Random(3), 60):
        file.write_bytes(content)
        verb = CliRunner().invoke(cli, ["--lang", "en", "audit", "verify", "--file", *map(str, (file, *trusted))])
        endings[run_standalone(file, *trusted).returncode, verb.exit_code] += 1
    assert endings == {(1, 8): 60}
    tally.append("audit: 60 of 60 changes refused by the program (exit 1) and by the verb (exit 8)")


def test_the_program_tells_what_it_knows(trusted, tmp_path):
    """It names school and entry of what is wrong, and says what nobody can know without key and checkpoint."""
    file = tmp_path / "audit.jsonl"
    file.write_bytes(sound())
    alone, known = run_standalone(file), run_standalone(file, *trusted)
    assert [told.returncode for told in (alone, known)] == [0, 0]
    assert ("note: only --key" in alone.stdout, "note" in known.stdout) == (True, False)
    file.write_bytes(sound().replace(b'"created": 4', b'"created": 5'))
    told = run_standalone(file, *trusted)
    assert (told.returncode, told.stderr) == (1, "NOT WHOLE  gymnasium-0: entry 4: its content was altered\n")
    assert run_standalone(tmp_path / "none", *trusted).returncode == 2


def test_the_program_stands_alone():
    """It has less than 200 lines and imports the standard library and cryptography, nothing else."""
    text = STANDALONE.read_text()
    tree = ast.parse(text)
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - sys.stdlib_module_names == {"cryptography"}
    assert len(text.splitlines()) < 200


def test_the_example_of_the_page_is_what_is_written(standalone, tmp_path):
    """Page, file and code agree: the example is to the byte the export of its logs, and whole to both verifiers."""
    content = EXAMPLE.read_bytes()
    logs = log_of("gymnasium-0", count=3, sizes=(2, 3)), log_of("lyceum-2", count=1, sizes=(1,))
    assert content == file_of(*logs)
    shown = PAGE.read_text(encoding="utf-8").partition("<!-- example -->")[2]
    assert [line.strip() for line in shown.splitlines() if line.startswith("    ")] == content.decode().splitlines()
    assert OURS.public in PAGE.read_text(encoding="utf-8")
    standalone.verify(content, OURS.public, [standalone.from_line(log[1][-1].line()) for log in logs])
    assert [one["entries"] for one in check_file(EXAMPLE, Elsewhere(key=OURS.public))] == [3, 1]


def is_whole(standalone, events, made):
    """What both say of one school's log, with our key."""
    content, found = file_of((events, made)), []
    try:
        found.append(bool(standalone.verify(content, OURS.public)))
    except standalone.Wrong:
        found.append(False)
    try:
        found.append(bool(check_export(content, "audit.jsonl", Elsewhere(key=OURS.public))))
    except AuditBroken:
        found.append(False)
    return found


def test_keys_that_were_lost_and_renewed_are_whole_to_both(standalone):
    """A key of before signed what stands before the entry that names it; nothing behind it, and nothing unnamed."""
    events, made = renewed("gymnasium-0")
    assert is_whole(standalone, events, made) == [True, True]
    behind = [*made[:2], *signed_at(events, (3, 8, 10), FORGER)[2:], signed_at(events, (3, 8, 10, 12))[-1]]
    assert is_whole(standalone, events, behind) == [False, False]
    nowhere_ours = signed_at(events, (3, 8, 12), FORGER)
    assert is_whole(standalone, events, nowhere_ours) == [False, False]
    unnamed, _ = log_of("gymnasium-0", count=12, sizes=(12,))
    foreign = [*signed_at(unnamed, (3,), FORGER), signed_at(unnamed, (3, 12))[-1]]
    assert is_whole(standalone, unnamed, foreign) == [False, False]


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
def test_numbers_beyond_sixty_four_bits_are_refused_by_both(standalone, number):
    """No export holds them: what reads them might read them as others."""
    raw = line(log_of("gymnasium-0")[0][2].document() | {"details": {"lost": number}})
    with pytest.raises(ValueError, match="64 bits"):
        standalone.read(raw)
    with pytest.raises(AuditBroken):
        logs_in(raw + b"\n", "audit.jsonl")


@pytest.mark.parametrize(
    ("spoilt", "words"), [(["--key", "rubbish"], "cannot read"), (["--against", "EMPTY"], "cannot read")]
)
def test_what_cannot_be_used_is_told_by_the_program(tmp_path, spoilt, words):
    """A mistyped key or an empty file of checkpoints is no verdict on the log: exit 2."""
    (tmp_path / "audit.jsonl").write_bytes(sound())
    (tmp_path / "EMPTY").touch()
    arguments = [sys.executable, STANDALONE, "audit.jsonl", *spoilt]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, words in done.stderr) == (2, True)


def test_a_key_in_capitals_and_lines_with_blanks_are_taken(tmp_path):
    """What people copy from screens and mails is read as they mean it."""
    (tmp_path / "audit.jsonl").write_bytes(sound())
    (tmp_path / "kept.txt").write_bytes(b"\r\n".join(one.line().encode() + b"  " for one in kept()) + b"\r\n\r\n")
    arguments = [sys.executable, STANDALONE, "audit.jsonl", "--key", OURS.public.upper(), "--against", "kept.txt"]
    assert subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_what_both_call_a_checkpoint_is_the_same(standalone):
    """A line elsewhere is read alike by both; neither takes one of another form."""
    line = kept()[0].line()
    assert standalone.from_line(line) == Checkpoint.read(line).document()
    for wrong in (line + " ", line.upper(), line.replace(" ", "  ", 1), line[:-1], line.replace("gymnasium-0", "", 1)):
        for read in (standalone.from_line, Checkpoint.read):
            with pytest.raises(ValueError, match="no checkpoint"):
                read(wrong)


def test_every_school_of_the_example_is_changed():
    """The sample file holds what the changes need: two schools, several checkpoints each, text beyond ASCII."""
    entries = [json.loads(line) for line in sound().splitlines()]
    schools = Counter(one.get("school") or f"{one['checkpoint']['school']} signed" for one in entries)
    assert schools == {name: count for school, (size, signed) in SCHOOLS.items() for name, count in
                       ((school, size), (f"{school} signed", len(signed)))}  # fmt: skip
    assert b"\\u0410" in sound()
