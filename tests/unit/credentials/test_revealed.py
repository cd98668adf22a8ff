"""Masking what was revealed."""

import base64

import pytest

from ejsync.credentials import SecretRef, revealed


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """No test sees what another remembered."""
    revealed.forget_all()
    yield
    revealed.forget_all()


def test_a_secret_is_masked_from_the_moment_it_is_used(tmp_path):
    """A reference that was only required leaves no copy; one that was revealed is masked everywhere."""
    (tmp_path / "key").write_text("correct horse\n")
    reference = SecretRef.parse("file:key", tmp_path)
    reference.require()
    assert revealed.without_secrets("a correct horse b") == "a correct horse b"
    assert revealed.without_secrets(f"a {reference.reveal()} b") == f"a {revealed.MASK} b"


def test_the_value_before_is_masked_too_and_older_ones_are_let_go(tmp_path):
    """A request under way may fail with the secret before; nothing older is held."""
    reference = SecretRef.parse("file:key", tmp_path)
    for value in ("first-one", "second-one", "third-one"):
        (tmp_path / "key").write_text(value)
        reference.reveal()
    text = revealed.without_secrets("first-one second-one third-one")
    assert text == f"first-one {revealed.MASK} {revealed.MASK}"


@pytest.mark.parametrize("value", ["", "a", "abc"])
def test_what_stands_in_any_text_is_not_masked(value):
    """A secret of three letters would garble every line."""
    revealed.remember("file:x", value)
    assert revealed.without_secrets("abc a") == "abc a"


def test_a_longer_secret_is_masked_whole():
    """Of two secrets, one of which begins the other, no rest stays."""
    revealed.remember("file:a", "secret")
    revealed.remember("file:b", "secret-and-more")
    assert revealed.without_secrets("secret-and-more, secret") == f"{revealed.MASK}, {revealed.MASK}"


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "z", "zz"])
def test_base64_is_known_at_every_offset(before, after):
    """Basic authentication puts a name before the password: the password is masked all the same."""
    revealed.remember("file:x", "a-long-password")
    text = base64.b64encode(f"{before}a-long-password{after}".encode()).decode()
    assert revealed.MASK in revealed.without_secrets(f"Basic {text}")
