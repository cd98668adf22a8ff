"""Cutting off."""

import socket
import threading

from ejsync.transport.cutting import Cut


class Line:
    """A network stream that knows its socket."""

    def __init__(self, line):
        self._line = line

    def get_extra_info(self, name):
        """Return the socket."""
        return {"socket": self._line}[name]


def test_a_block_that_takes_too_long_loses_its_connections():
    """Once the time is over each connection it opened is shut, those opened later too; a block in time keeps them."""
    ours, theirs = socket.socketpair()
    later, other = socket.socketpair()
    with ours, theirs, later, other:
        cut = Cut()
        with cut.after(60):
            cut.trace("connection.connect_tcp.complete", {"return_value": Line(ours)})
        assert not cut.done
        over = threading.Event()
        threading.Thread(target=lambda: (ours.recv(1), over.set())).start()
        with cut.after(0.001):
            assert over.wait(30)
            cut.trace("connection.start_tls.complete", {"return_value": Line(later)})
        assert cut.done
        assert later.recv(1) == b""
