"""Settings of the electronic diary sink."""

import pytest
from pydantic import ValidationError

from ejsync.sinks.ed.config import EdConfig

BASE = {"type": "ed", "base_url": "https://diary.example"}
CLIENT = {"token_url": "https://diary.example/oauth/token", "client_id": "c", "client_secret": "env:SECRET"}


@pytest.mark.parametrize("way", [{"token": "env:TOKEN"}, CLIENT])
def test_either_way_of_signing_in_is_enough(way):
    """A static token, or the three parts of client credentials."""
    assert EdConfig.model_validate(BASE | way).name == "ed"


@pytest.mark.parametrize(
    "way",
    [{}, CLIENT | {"token": "env:TOKEN"}, *({k: v for k, v in CLIENT.items() if k != name} for name in CLIENT)],
    ids=["none", "both", "no-url", "no-id", "no-secret"],
)
def test_there_is_exactly_one_way_to_sign_in(way):
    """No way, both ways or half of one is a fault of its own name."""
    with pytest.raises(ValidationError) as caught:
        EdConfig.model_validate(BASE | way)
    assert [fault["type"] for fault in caught.value.errors()] == ["sign_in"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "diary.example"},
        {"base_url": "https://diary.example/?a=1"},
        {"name": "Дневник"},
        {"compression": "br"},
        {"token": "plain-secret"},
        {"unknown": 1},
    ],
)
def test_a_wrong_setting_is_refused(wrong):
    """Addresses without scheme or with a query, odd names, inline secrets and unknown keys are refused."""
    with pytest.raises(ValidationError):
        EdConfig.model_validate(BASE | {"token": "env:TOKEN"} | wrong)


@pytest.mark.parametrize("key", ["base_url", "token_url"])
@pytest.mark.parametrize("address", ["http://user:pw@diary.example", "https://user@diary.example/v1", "https:///v1"])
def test_an_address_carries_no_user_and_no_password(key, address):
    """Credentials inside an address, or none but a path, are a text of a wrong form, as for the source."""
    with pytest.raises(ValidationError) as caught:
        EdConfig.model_validate(BASE | CLIENT | {key: address})
    assert [(fault["loc"], fault["type"]) for fault in caught.value.errors()] == [((key,), "string_pattern_mismatch")]
