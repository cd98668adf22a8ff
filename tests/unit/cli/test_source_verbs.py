"""`source`: its verbs."""

from ejsync.cli.source_verbs import group


def test_the_group_names_its_verbs(run):
    """The help of the group lists what can be asked about the journal."""
    text = run("source", "--help").stdout
    assert all(name in text for name in group.commands)
    assert "drift" in group.commands
