"""README against reality: what it says of commands, exit codes, the house and files is so."""

import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ejsync.cli.entry import cli
from ejsync.errors import Exit

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUSSIAN = (ROOT / "README.ru.md").read_text(encoding="utf-8")


def _section(marker):
    return README.split(f"<!-- {marker}:", 1)[1].split("\n## ", 1)[0]


@cache
def _help(*verbs):
    done = CliRunner().invoke(cli, ["--lang", "en", *verbs, "--help"])
    assert done.exit_code == 0, done.output
    return done.stdout


def _listed(text):
    """Return the commands a help page lists."""
    block = text.split("Commands:\n", 1)
    return re.findall(r"^  ([a-z]+) ", block[1].split("\n\n")[0], re.MULTILINE) if len(block) == 2 else []


def test_every_command_is_in_the_table_and_no_other():
    """The README's table of commands names exactly the commands of `ejsync --help`."""
    assert sorted(re.findall(r"^\| `([a-z]+)`", _section("commands"), re.MULTILINE)) == sorted(_listed(_help()))


def test_every_exit_code_is_in_the_table_and_no_other():
    """The README's table of exit codes names exactly the codes of `ejsync.errors.Exit`."""
    assert [int(code) for code in re.findall(r"^\| (\d+) ", _section("exit codes"), re.MULTILINE)] == [*map(int, Exit)]


def test_house_is_drawn_as_it_stands():
    """The README's picture of the house names exactly the rooms of src/ejsync and folders that exist."""
    rooms = set(re.findall(r"^  ([a-z_]+(?:\.py|/)) ", _section("house"), re.MULTILINE))
    there = {f"{path.name}/" if path.is_dir() else path.name for path in (ROOT / "src" / "ejsync").iterdir()}
    assert rooms == {name for name in there if not name.startswith("__")}
    folders = re.findall(r"^([a-z]+)/ ", _section("house"), re.MULTILINE)
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("text", [README, RUSSIAN], ids=["en", "ru"])
def test_files_named_are_there(text):
    """Every relative link leads to a file of the project."""
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("text", [README, RUSSIAN], ids=["en", "ru"])
def test_commands_shown_exist(text):
    """Every `ejsync VERB …` and `make TARGET` in a README exists, and so does every option it is shown with."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    for line in re.findall(r"(?:^|`)ejsync ([a-z][^`\n#—]*)", text, re.MULTILINE):
        words = line.split()
        page = _help(words[0])
        verbs = [words[0]]
        if len(words) > 1 and words[1] in _listed(page):
            verbs.append(words[1])
            page = _help(*verbs)
        shown = {word for word in words if word.startswith("--")}
        assert shown <= set(re.findall(r"--[a-z-]+", page)) | {"--json", "--lang", "--help"}, line


def test_every_verb_shows_an_example():
    """`--help` of the program and of every verb has an example."""
    pages = {(): _help()}
    for verb in _listed(pages[()]):
        pages[verb,] = _help(verb)
        pages |= {(verb, inner): _help(verb, inner) for inner in _listed(pages[verb,])}
    assert [verbs for verbs, page in pages.items() if "Example" not in page] == []
    assert len(pages) > 30
