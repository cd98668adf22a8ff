"""`source`: what the journal answers, and what ejsync cannot make of it."""

from ejsync.cli.coverage_verb import coverage
from ejsync.cli.drift_verb import drift
from ejsync.cli.speaking import Verbs
from ejsync.wording import N_

group = Verbs(
    "source",
    help=N_("Look at what the journal lets us read, and at what it answers."),
    examples=("ejsync source coverage", "ejsync source drift"),
)
group.add_command(coverage)
group.add_command(drift)
