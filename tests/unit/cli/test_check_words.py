"""What `doctor` says of an error."""

import pytest

from ejsync import errors
from ejsync.cli.check_words import of_devkey, of_diary, step_of
from ejsync.wording import use_language

UNAVAILABLE = errors.SourceUnavailable(host="h", method="auth", reason="no connection")
REFUSED = errors.SourceAuthFailed(host="h", account="r", reason="wrong password")


@pytest.fixture(autouse=True)
def _english():
    """Speak English."""
    use_language("en")


@pytest.mark.parametrize(
    "error",
    [
        UNAVAILABLE,
        REFUSED,
        errors.SourceForbidden(host="h", account="r", method="getmarks"),
        errors.SinkUnavailable(sink="ed", reason="no connection"),
        errors.SinkAuthFailed(sink="ed", reason="HTTP 401"),
        errors.StoreError(path="x", reason="y"),
        errors.SinkError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_doctor_sends_nobody_to_the_doctor(error):
    """No step after a check is to run the check again, or to watch a batch that was not sent."""
    assert "ejsync" not in step_of(error).replace("ejsync.toml", "")


def test_an_error_without_words_of_its_own_here_keeps_its_remedy():
    """What fits both is said in both places."""
    assert step_of(errors.LeaseLost(path="x", reason="y")) == "ejsync status"


def test_a_diary_that_refuses_or_asks_to_wait_is_told_as_ever():
    """Only silence is told otherwise than when sending."""
    refused = errors.SinkAuthFailed(sink="ed", reason="HTTP 401")
    assert of_diary(refused, "https://ed.example/api") == refused.sentence()


def test_only_the_devkeys_refusal_is_the_devkeys():
    """A wrong password, or a journal that is away, says nothing of the devkey."""
    assert of_devkey(REFUSED, "file:secrets/devkey") == ""
    assert of_devkey(UNAVAILABLE, "file:secrets/devkey") == ""
