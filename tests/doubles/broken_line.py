"""A line between a client and a real server on loopback that fails as it is told: each fault once, then it carries on.

Every connection serves one request and is closed, except where a fault says otherwise.
"""

import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
_LINGER_NONE = struct.pack("ii", 1, 0)  # closing then sends RST
_PATIENCE_S = 10.0


class Line:
    """The side of the client in one connection, and a way to ask the real server.

    Args:
        client: the connection.
        server: address of the real server.
        gone: set when the test is over.
    """

    def __init__(self, client, server, gone):
        self.client, self._server, self._gone = client, server, gone

    def hear(self, most=None):
        """Return the request, whole or its first bytes; nothing if the client has closed."""
        got = b""
        while not _whole(got) and (most is None or len(got) < most):
            more = self.client.recv(65536 if most is None else most - len(got))
            if not more:
                break
            got += more
        return got

    def ask(self, request):
        """Hand a request to the real server and return its whole answer."""
        closing = request.replace(b"connection: keep-alive", b"connection: close", 1)
        closing = closing.replace(b"Connection: keep-alive", b"Connection: close", 1)
        with socket.create_connection(self._server, timeout=_PATIENCE_S) as upstream:
            upstream.sendall(closing)
            got = b""
            while more := upstream.recv(65536):
                got += more
        return got

    def carry(self):
        """Return the real server's answer to what the client asks; nothing if it asks nothing."""
        request = self.hear()
        return self.ask(request) if request else b""

    def say(self, part):
        """Send bytes to the client."""
        self.client.sendall(part)

    def reset(self):
        """Tear the line: the client meets a reset."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        self.client.close()

    def stall(self):
        """Keep silent until the client has had enough or the test is over."""
        self.client.settimeout(0.01)
        while not self._gone.is_set():
            with suppress(TimeoutError):
                if not self.client.recv(65536):
                    return

    def drip(self, content):
        """Send a few bytes now and then, for longer than anybody waits."""
        for at in range(len(content)):
            if self._gone.wait(0.02):
                return
            self.say(content[at : at + 1])


def _whole(request):
    head, end, body = request.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    return bool(end) and len(body) >= int(lines.get(b"content-length", 0))


class Proxy:
    """What runs: its address, the faults of the next connections, how many there were; `over` once one has ended."""

    def __init__(self, port):
        self.address = (HOST, port)
        self.faults = []
        self.connections = 0
        self.over = threading.Event()


@contextmanager
def broken_line(server, *, tls=None):
    """Run a proxy to a server (host, port) for the length of the block.

    Args:
        tls: the server side's SSL context; without it the line is plain.
    """
    gone, threads = threading.Event(), []

    def serve(client):
        fault = proxy.faults.pop(0) if proxy.faults else (lambda line: line.say(line.carry()))
        with client, suppress(OSError):
            client.settimeout(_PATIENCE_S)
            if tls is None or getattr(fault, "before_tls", False):
                fault(Line(client, server, gone))
            else:
                with tls.wrap_socket(client, server_side=True) as wrapped:
                    fault(Line(wrapped, server, gone))
        proxy.over.set()

    def listen():
        while not gone.is_set():
            with suppress(OSError):
                client, _ = listener.accept()
                if gone.is_set():
                    client.close()
                    return
                proxy.connections += 1
                threads.append(threading.Thread(target=serve, args=[client]))
                threads[-1].start()

    with socket.create_server((HOST, 0)) as listener:
        proxy = Proxy(listener.getsockname()[1])
        waiting = threading.Thread(target=listen)
        waiting.start()
        try:
            yield proxy
        finally:
            gone.set()
            socket.create_connection(proxy.address).close()  # so that it stops listening
            waiting.join()
            for thread in threads:
                thread.join()


def tls_context(certificate, key):
    """Return a server's SSL context out of PEM files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
