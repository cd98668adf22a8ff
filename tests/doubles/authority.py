"""A certificate authority of the test's own, and a server that speaks TLS on loopback and answers as it is told."""

import json
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGAN, ENDS, ENDED = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2090, 2021))
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


class Authority:
    """Signs certificates; its own stands in `bundle`."""

    def __init__(self, folder, name="Test CA"):
        self.folder, self._name = folder, _named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(self._name, self._key, BEGAN, ENDS)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.bundle = folder / f"{name.replace(' ', '-')}.pem"
        self.bundle.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def issue(self, name, *, use=SERVER, host="127.0.0.1", ends=ENDS, password=None):
        """Write a certificate and its key, and return their files."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(_named(name), key, BEGAN, ends)
        made = made.add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        files[0].write_bytes(_pem(made.sign(self._key, hashes.SHA256())))
        sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        encoded = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        files[1].write_bytes(key.private_bytes(*encoded, sealed))
        return files

    def _builder(self, subject, key, began, ends):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(ends)
        )


def _named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(host):
    return x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class _Handler(BaseHTTPRequestHandler):
    """Receipts for batches, an empty answer for all else."""

    def do_GET(self):
        self._note()
        result = {"response": {"state": 200, "error": None, "result": {}}}
        self._send(200, json.dumps(result).encode())

    def do_POST(self):
        self._note()
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self.path.endswith("/batches"):
            self.server.forms.append(body.decode())
            self._send(200, json.dumps({"access_token": f"issued-{len(self.server.forms)}", "expires_in": 0}).encode())
            return
        batch = json.loads(body)
        results = [
            {"position": at, "status": "applied", "code": None, "pointer": None, "held_version": item["version"]}
            for at, item in enumerate(batch["items"])
        ]
        self._send(200, json.dumps({"batch": batch["batch"], "results": results}).encode())

    def _note(self):
        """Remember the path and headers of a request, and the serial number of the certificate that was shown."""
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        self.server.asked.append(
            SimpleNamespace(path=self.path, headers=dict(self.headers), serial=(peer or {}).get("serialNumber"))
        )

    def _send(self, status, body):
        status, body = self.server.page or (status, body)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection; `context` None speaks no TLS."""

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context, self.asked, self.forms, self.page, self.handshakes = context, [], [], None, 0

    def finish_request(self, request, client_address):
        self.handshakes += 1
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with suppress(OSError), self.context.wrap_socket(request, server_side=True) as safe:
            super().finish_request(safe, client_address)

    def handle_error(self, *_):
        """What a client's end does is no error of the test."""


@contextmanager
def serving(files=None, *, clients=None, version=None):
    """Serve on loopback; yield the server, whose `url` says where.

    Args:
        files: certificate and key; None speaks no TLS.
        clients: bundle of the authority that must have signed the client's certificate; None asks for none.
        version: the only TLS version that is spoken.
    """
    server = _Server(_context(files, clients, version) if files else None)
    server.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _context(files, clients, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cafile=clients)
    if version:
        context.minimum_version = context.maximum_version = version
    return context
