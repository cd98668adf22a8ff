"""A small ElJur on a loopback socket: well until it is told to misbehave, and then it repeats every secret it gets."""

import json
import threading
import zlib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PUPILS = ("1001", "1002")
RULES = {
    "roles": ["administrator"],
    "relations": {
        "students": {pupil: {"rules": ["getmarks"]} for pupil in PUPILS},
        "groups": {"10А": {"rules": ["getschedule"]}},
    },
}
PEOPLE = {
    "groups": [
        {
            "key": "students",
            "name": "Ученики",
            "subgroups": [
                {
                    "name": "10А",
                    "users": [{"name": pupil, "lastname": "Тестова", "firstname": "Анна"} for pupil in PUPILS],
                }
            ],
        }
    ]
}


def marks(*pupils):
    """A result of `getmarks` in which each pupil has two marks."""
    held = [
        {"value": value, "date": "2026-11-16", "nm": str(nm), "lesson_id": "77"} for nm, value in enumerate(["5", "4-"])
    ]
    lessons = [{"name": "Алгебра", "lesson_id": "77", "marks": held}]
    return {"students": {pupil: {"name": pupil, "title": "Тестова Анна", "lessons": lessons} for pupil in pupils}}


def envelope(result, *, state=200, error=None):
    """An answer's body."""
    return json.dumps({"response": {"state": state, "error": error, "result": result}}).encode()


class Call:
    """One request and the ways to answer it; `echo` is its address with every secret in it."""

    def __init__(self, handler, gone):
        self._handler, self._gone = handler, gone
        address = urlsplit(handler.path)
        self.method = address.path.rpartition("/")[2]
        self.params = dict(parse_qsl(address.query))
        self.echo = f"http://{handler.headers['Host']}{handler.path}"

    def answer(self, body=b"", status=200, **headers):
        """Answer; a header given as None is left out, and without a length the end of the line ends the body."""
        told = {
            "Content-Type": "text/html",
            "X-Echo": self.echo,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self._handler.send_response_only(status)
        for name, value in told.items():
            if value is not None:
                self._handler.send_header(name, value)
        self._handler.end_headers()
        self.send(body)

    def send(self, part):
        """Send raw bytes."""
        self._handler.wfile.write(part)

    def stream(self, parts, **headers):
        """Answer with parts, until there is no other or the other side has had enough."""
        self.answer(**{"Content_Length": None, **headers})
        for part in parts:
            self.send(part)

    def drip(self, part):
        """Send a part again and again, a moment between two, until the other side has had enough."""
        while not self._gone.wait(0.01):
            self.send(part)

    def well(self):
        """Answer as a healthy journal does."""
        results = {
            "auth": {"token": TOKEN, "expires": "2027-02-16 10:00:00"},
            "getrules": RULES,
            "getmessagereceivers": PEOPLE,
            "getmarks": marks(*PUPILS),
        }
        self.answer(envelope(results[self.method]))


TOKEN = "a1b2c3d4e5" * 4


def endless_zip():
    """Parts of one gzip stream that never ends: a thousandfold of what is sent, unpacked."""
    packer = zlib.compressobj(9, wbits=31)
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    while True:
        yield block


def empty_zip():
    """Parts of one gzip stream that never ends and holds nothing: empty blocks only."""
    packer = zlib.compressobj(9, wbits=31)
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    while True:
        yield b"\x00\x00\x00\xff\xff" * 10_000


class Hostile:
    """A running server: `misbehave[method]` is called with the `Call` in the place of a good answer."""

    def __init__(self, address):
        self.address = address
        self.misbehave = {}
        self.asked = []


@contextmanager
def hostile_journal():
    """Run the server for the length of the block."""
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            call = Call(self, gone)
            journal.asked.append(self.path)
            self.close_connection = True
            with suppress(OSError):  # the other side has had enough
                journal.misbehave.get(call.method, Call.well)(call)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    journal = Hostile(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield journal
    finally:
        gone.set()
        server.shutdown()
        thread.join()
        server.server_close()
