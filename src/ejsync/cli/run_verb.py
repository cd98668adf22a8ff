"""`run`: the daemon in the foreground, until SIGTERM."""

import os
import signal
import sys

import click

from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.speaking import Verb
from ejsync.wording import N_


@click.command(
    "run",
    cls=Verb,
    help=N_(
        "Carry over day and night until SIGTERM or Ctrl-C. Reads every feed on its schedule, delivers, and answers"
        " /healthz and /readyz; logs go to stderr."
    ),
    examples=("ejsync run", "ejsync --config /etc/ejsync/ejsync.toml run"),
)
@pass_desk
def run(desk: Desk) -> int:
    """Open the exchange as the one working instance and hand it to the clockwork."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # process 1 of a container would sleep through it
    from ejsync.bootstrap import opened
    from ejsync.daemon import Daemon
    from ejsync.logs import configure

    settings = desk.settings(reveal=True)
    configure(settings.logs.level, settings.logs.format)
    with opened(settings, working=True) as exchange:
        daemon = Daemon(exchange)
        verdict = daemon.run()
        if daemon.cut_off:
            # A thread still waits for an answer; the interpreter would wait for it, and nothing of it may be committed.
            os._exit(verdict)
        return verdict
