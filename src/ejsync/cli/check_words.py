"""What `doctor` says of an error: words that fit a check, where an error's own words fit a cycle that goes on."""

from urllib.parse import urlsplit

from ejsync.cli.next_step import remedy
from ejsync.errors import EjsyncError, SinkThrottled, SinkUnavailable, SourceAuthFailed
from ejsync.wording import N_, say, translated

_ADDRESS = N_("check base_url in ejsync.toml and the network")
_STEPS = {
    "EJ-201": _ADDRESS,
    "EJ-202": N_("wait, then look again"),
    "EJ-203": N_("check its login and its password file"),
    "EJ-204": N_("ask the school to grant the right, or add an account"),
    "EJ-401": _ADDRESS,
    "EJ-402": N_("wait, then look again"),
    "EJ-403": N_("check its token or client secret"),
    "EJ-405": _ADDRESS,
    "EJ-501": N_("check the disk and the file's owner"),
}
_DEVKEY = ("devkey", "разработчик")


def step_of(error: EjsyncError) -> str:
    """Return what to do about an error that a check met; never to run the same check."""
    if error.code in _STEPS:
        return say(_STEPS[error.code])
    step = remedy(error)
    return "" if step == "ejsync doctor" else step


def of_diary(error: EjsyncError, address: str) -> str:
    """Tell an error of a diary that was asked whether it is there; nothing was sent, so nothing is sent again."""
    if isinstance(error, SinkThrottled) or not isinstance(error, SinkUnavailable):
        return error.sentence()
    sentence = N_("The diary “{sink}” does not answer at {host} ({reason}).")
    return say(sentence, sink=error.sink, host=urlsplit(address).netloc or "-", reason=translated(error.reason))


def of_devkey(error: EjsyncError, devkey: str) -> str:
    """Tell a refusal that is the devkey's and no account's; empty for any other."""
    if not isinstance(error, SourceAuthFailed):
        return ""
    if devkey not in error.reason and not any(word in error.reason.lower() for word in _DEVKEY):
        return ""
    sentence = N_("The journal at {host} refused the devkey, not an account: {reason}.")
    return say(sentence, host=error.host, reason=translated(error.reason))
