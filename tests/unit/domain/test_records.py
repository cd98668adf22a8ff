"""Kinds, feeds, owners."""

from ejsync.contracts import Contracts
from ejsync.domain.records import RANK, Kind, owner_class, owner_pupil


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
