"""Progress bars."""

import io
import sys

from ejsync.cli.bars import Bars


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def _work(bars):
    with bars as shown:
        listen = shown.windows("lyceum: marks")
        listen(None, 0, 2)
        listen(None, 2, 2)
        shown.items("ed", 10)(5)


def test_a_pipe_sees_no_bars(monkeypatch):
    """Without a terminal nothing at all is written."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    _work(Bars())
    assert sys.stderr.getvalue() == ""


def test_a_terminal_sees_how_far_it_is(monkeypatch):
    """On a terminal the label is shown, on stderr."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    _work(Bars())
    assert "lyceum: marks" in sys.stderr.getvalue()
