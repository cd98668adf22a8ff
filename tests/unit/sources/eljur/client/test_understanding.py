"""Understanding: the mark changes with all that decides what an answer means."""

from importlib import import_module
from types import SimpleNamespace

from ejsync.contracts import Contracts
from ejsync.sources.eljur.client.understanding import understanding


def test_the_mark_is_the_same_as_long_as_nothing_changes():
    """Two runs of one program know each other's answers again."""
    assert understanding(Contracts()) == understanding(Contracts())


def test_the_mark_changes_with_contracts_version_and_mapping(monkeypatch, tmp_path):
    """Another contract, another release, another line of the mapping: each makes every answer unknown."""
    module = import_module(understanding.__module__)
    marks = {understanding(Contracts()), understanding(SimpleNamespace(mark=lambda: "other"))}
    monkeypatch.setattr(module, "__version__", "99")
    marks.add(understanding(Contracts()))
    monkeypatch.setattr(module, "files", lambda _room: tmp_path)
    (tmp_path / "marks.py").write_text("A = 1\n")
    marks.add(understanding(Contracts()))
    (tmp_path / "marks.py").write_text("A = 2\n")
    marks.add(understanding(Contracts()))
    assert len(marks) == 5
    (tmp_path / "notes.txt").write_text("nothing that decides")
    assert understanding(Contracts()) in marks
