"""Settings of ElJur."""

import pytest
from pydantic import ValidationError

from ejsync.sources.eljur.config import EljurAccount, EljurConfig


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ({"name": "a", "login": "l"}, "account_way_in"),
        ({"name": "a", "login": "l", "password": "env:P", "token": "env:T"}, "account_way_in"),
        ({"name": "a", "password": "env:P"}, "account_login"),
        ({"name": "a", "token": "env:T", "sign_in": "each_call"}, "account_each_call"),
        ({"name": "a", "login": "l", "password": "secret"}, "secret_inline"),
        ({"name": "a", "login": "l", "password": "env:P", "role": "x"}, "extra_forbidden"),
    ],
)
def test_account_has_one_way_in(account, code):
    """An account has exactly one of password and token, with what belongs to it."""
    with pytest.raises(ValidationError) as caught:
        EljurAccount.model_validate(account)
    assert [fault["type"] for fault in caught.value.errors()] == [code]
    assert "secret" not in str([fault["msg"] for fault in caught.value.errors()]) or code == "secret_inline"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accounts": []}, "too_short"),
        ({"base_url": "school.eljur.ru"}, "string_pattern_mismatch"),
        ({"base_url": "https://user:pass@school.invalid/api"}, "string_pattern_mismatch"),
        ({"base_url": "https://school.invalid/api?devkey=1"}, "string_pattern_mismatch"),
        ({"pupils_per_request": 0}, "greater_than_equal"),
        ({"accounts": [{"name": "a", "token": "env:T"}] * 2}, "account_names"),
    ],
)
def test_senseless_settings_are_refused(settings, change, code):
    """Addresses with credentials, no accounts, accounts of one name and senseless bounds are faults."""
    given = {**settings().model_dump(), **change}
    with pytest.raises(ValidationError) as caught:
        EljurConfig.model_validate(given)
    assert [fault["type"] for fault in caught.value.errors()] == [code]


def test_defaults_are_gentle(settings):
    """Left alone, a school is read two requests at a time, 300 ms apart, 100 pupils at most and 14 days a read."""
    config = settings()
    assert (config.request_pause_ms, config.parallel_reads) == (300, 2)
    assert (config.pupils_per_request, config.longest_span_days, config.longest_marks_span_days) == (100, 14, 366)


def test_every_setting_is_described():
    """Every setting says what it is, for the operator who reads the reference."""
    for model in (EljurConfig, EljurAccount):
        assert all(field.description for field in model.model_fields.values())
