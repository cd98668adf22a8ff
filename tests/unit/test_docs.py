"""The pages in docs/ against reality: what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_and_tests_named_are_there(page):
    """Every relative link, and every test by file and function, leads to something."""
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not (page.parent / link).exists()]
    assert links == []
    for name, function in _TEST.findall(text):
        assert (ROOT / name).is_file(), name
        assert not function or f"\ndef {function}(" in (ROOT / name).read_text(encoding="utf-8"), f"{name}::{function}"


def test_each_measure_of_security_names_a_test():
    """No row of the page on security is without one."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    tables = re.findall(r"\| measure \| proved by \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) > 30
    assert [row for row in rows if not _TEST.search(row)] == []
