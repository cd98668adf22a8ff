"""Secret references."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from ejsync.credentials import SecretRef


class Holder(BaseModel):
    """A model with a secret."""

    secret: SecretRef


def test_a_file_is_read_at_each_use(tmp_path):
    """A rotated secret is seen without a restart, and surrounding white space is no part of it."""
    reference = SecretRef.parse("file:password", tmp_path)
    for content in ("one\n", "  two "):
        (tmp_path / "password").write_text(content)
        assert reference.reveal() == content.strip()


def test_an_absolute_path_stays_as_it_is(tmp_path):
    """Only a relative path starts at the folder of the settings."""
    assert SecretRef.parse(f"file:{tmp_path}/x", Path("/elsewhere")) == SecretRef("file", f"{tmp_path}/x")


def test_a_variable_is_read(monkeypatch):
    """`env:NAME` names an environment variable."""
    monkeypatch.setenv("EJSYNC_TEST_SECRET", "s3")
    assert SecretRef.parse("env:EJSYNC_TEST_SECRET", Path()).reveal() == "s3"


@pytest.mark.parametrize("text", ["hunter2", "file:", "env:", "vault:x", ""])
def test_anything_else_is_refused_and_not_repeated(text):
    """A secret that was written inline is refused by an error that does not show it."""
    with pytest.raises(ValueError, match="never written") as caught:
        SecretRef.parse(text, Path())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "", " \n", b"\xff\xfehunter2"])
def test_a_missing_empty_or_unreadable_secret_is_named_by_its_place(tmp_path, content):
    """The error names the file, carries no content and hides no other error that does."""
    if content is not None:
        (tmp_path / "p").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LookupError, match=f"file:{tmp_path}/p") as caught:
        SecretRef.parse("file:p", tmp_path).reveal()
    assert caught.value.__cause__ is None
    assert "hunter2" not in str(caught.value)


def test_a_secret_cannot_be_printed(tmp_path):
    """Text, representation and JSON of a model show the reference only."""
    (tmp_path / "p").write_text("hunter2")
    holder = Holder.model_validate({"secret": "file:p"}, context={"folder": tmp_path, "reveal": True})
    assert holder.secret.reveal() == "hunter2"
    assert not any("hunter2" in shown for shown in (str(holder), repr(holder), holder.model_dump_json()))


@pytest.mark.parametrize(("text", "kind"), [("hunter2", "secret_inline"), ("file:nothing", "secret_absent")])
def test_a_model_tells_apart_an_inline_and_an_absent_secret(tmp_path, text, kind):
    """The two faults have types of their own, and absence counts only where a secret must be there already."""
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"secret": text}, context={"folder": tmp_path, "reveal": True})
    assert [error["type"] for error in caught.value.errors()] == [kind]
    assert Holder.model_validate({"secret": "file:nothing"}, context={"folder": tmp_path}).secret.scheme == "file"


def test_a_reference_is_accepted_as_it_is():
    """A model takes a reference that was made in code."""
    assert Holder(secret=SecretRef("env", "X")).secret == SecretRef("env", "X")
