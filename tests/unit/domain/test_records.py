"""Kinds, feeds, owners."""

import re
from pathlib import Path

from ejsync.contracts import Contracts
from ejsync.domain import records
from ejsync.domain.conclusions import CONCLUDED
from ejsync.domain.records import FEED_OF, RANK, Feed, Kind, owner_class, owner_pupil

IDENTITY = Path(__file__).parents[3] / "docs" / "identity.md"


def documented():
    """The rows of the key table in docs/identity.md."""
    chapter = IDENTITY.read_text().partition("## How each key is made")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in chapter.splitlines() if line.startswith("|")]
    return [tuple(map(str.strip, row)) for row in rows if set("".join(row)) - {"-"}]


def test_the_page_about_keys_says_what_the_code_says():
    """The key table of docs/identity.md is that of the module, row by row, and names every kind."""
    table = records.__doc__.split("\n=============")[1:3]
    said = [tuple(re.split(r"\s{2,}", row.rstrip())) for part in table for row in part.splitlines() if "=" not in row]
    assert [row for row in said if any(row)] == documented()
    assert {kind for kind, *_ in documented()} - {"", "kind"} == set(Kind)


def test_the_page_about_keys_names_code_that_exists():
    """Every module that the page points to is there."""
    src = IDENTITY.parents[1] / "src" / "ejsync"
    assert all((src / name).is_file() for name in re.findall(r"`(domain/\w+\.py)`", IDENTITY.read_text()))


def test_every_kind_has_its_contract():
    """Each kind has a schema in contracts/ed/v1 under its own name."""
    assert {f"ed/v1/{kind}" for kind in Kind} <= set(Contracts().names())


def test_parents_rank_before_what_hangs_on_them():
    """Classes before pupils, pupils and lessons before marks."""
    assert RANK[Kind.SCHOOL_CLASS] < RANK[Kind.PUPIL] < RANK[Kind.MARK]
    assert max(RANK[kind] for kind in (Kind.PERIOD, Kind.TEACHER, Kind.LESSON)) < RANK[Kind.HOMEWORK]


def test_owners_of_classes_and_pupils_cannot_be_mistaken():
    """A class named like a pupil id owns other things."""
    assert owner_class("1001") != owner_pupil("1001")


def test_every_kind_is_under_the_promise_of_a_feed():
    """No kind is without one, and what is concluded is promised by the feed that concludes."""
    assert set(FEED_OF) == set(Kind)
    assert {kind for kind, feed in FEED_OF.items() if feed is Feed.DERIVED} == CONCLUDED
