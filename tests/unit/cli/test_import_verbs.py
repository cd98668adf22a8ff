"""The group `import` and its verbs."""

import pytest

from ejsync.cli.import_verbs import HELP, group


def test_there_is_a_verb_for_each_kind_and_for_the_register():
    """Kinds first, then what is done with imports."""
    assert list(group.commands) == [*HELP, "template", "list", "show", "undo"]


@pytest.mark.parametrize("verb", [*HELP, "template", "list", "show", "undo"])
def test_every_verb_explains_itself(run, verb):
    """Help and examples can be had without any settings."""
    shown = run("import", verb, "--help")
    assert (shown.exit_code, f"ejsync import {verb}" in shown.stdout) == (0, True)


def test_an_unknown_kind_is_a_wrong_usage(run):
    """It is not taken for a file."""
    assert run("import", "secrets", "file.xlsx").exit_code == 2
