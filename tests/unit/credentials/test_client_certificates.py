"""The settings of a client certificate."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ejsync.credentials.client_certificates import ShownAtTheDoor, check_bundle
from tests.doubles.authority import CLIENT, Authority


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with two certificates, one of whose keys is encrypted."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    authority.issue("plain", use=CLIENT)
    authority.issue("sealed", use=CLIENT, password=b"pass phrase")
    for name, content in {"password": "pass phrase\n", "wrong": "other", "empty": "", "noise.pem": "noise"}.items():
        (folder / name).write_text(content)
    return folder


def read(files, **fields):
    """Read settings as a start does."""
    return ShownAtTheDoor.model_validate(fields, context={"folder": files, "reveal": True})


def test_a_pair_is_taken_and_a_password_with_it(files):
    """A plain key and an encrypted one with its password are what a start accepts."""
    plain = read(files, client_certificate="file:plain.pem", client_key="file:plain.key")
    assert plain.identity.files() == (files / "plain.pem", files / "plain.key")
    sealed = read(
        files, client_certificate="file:sealed.pem", client_key="file:sealed.key", client_key_password="file:password"
    )
    assert sealed.identity.files()[2] == files / "password"
    assert read(files).identity is None


@pytest.mark.parametrize(
    ("given", "kind", "place"),
    [
        (("file:absent.pem", "file:plain.key", None), "secret_absent", "client_certificate"),
        (("file:empty", "file:plain.key", None), "secret_absent", "client_certificate"),
        (("file:noise.pem", "file:plain.key", None), "certificate_unreadable", "client_certificate"),
        (("file:plain.pem", "file:absent.key", None), "secret_absent", "client_key"),
        (("file:plain.pem", "file:noise.pem", None), "key_unreadable", "client_key"),
        (("file:plain.pem", "file:sealed.key", None), "key_unreadable", "client_key"),
        (("file:sealed.pem", "file:sealed.key", "file:wrong"), "key_unreadable", "client_key"),
        (("file:sealed.pem", "file:plain.key", None), "key_mismatch", "client_key"),
        (("file:plain.pem", "env:KEY", None), "certificate_place", "client_key"),
        (("file:plain.pem", None, None), "certificate_alone", None),
        ((None, "file:plain.key", None), "certificate_alone", None),
        ((None, None, "file:password"), "certificate_alone", None),
    ],
)
def test_what_cannot_be_shown_is_a_fault_of_its_key(files, monkeypatch, given, kind, place):
    """Each bad file is told apart at the start, never asks a terminal for a password, and quotes nothing."""
    monkeypatch.setenv("KEY", "x")
    fields = dict(zip(("client_certificate", "client_key", "client_key_password"), given, strict=True))
    with pytest.raises(ValidationError) as caught:
        read(files, **{name: value for name, value in fields.items() if value})
    (fault,) = caught.value.errors()
    assert (fault["type"], fault["loc"]) == (kind, (place,) if place else ())
    assert "pass phrase" not in str(caught.value)


def test_without_a_start_files_need_not_be_there(files):
    """Verbs that only look read the settings where no certificate is."""
    settings = {"client_certificate": "file:absent.pem", "client_key": "file:absent.key"}
    read_quietly = ShownAtTheDoor.model_validate(settings, context={"folder": files})
    assert read_quietly.identity.certificate.name == str(files / "absent.pem")


@pytest.mark.parametrize("name", ["absent.pem", "empty", "noise.pem", "plain.key", "."])
def test_a_bundle_without_a_certificate_is_a_fault(files, name):
    """Missing, empty, unreadable, of another kind or a folder: each is a fault and no traceback."""
    with pytest.raises(Exception, match="no PEM certificate"):
        check_bundle(Path(files / name))
    check_bundle(files / "Test-CA.pem")
