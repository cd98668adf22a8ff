"""Settings of the dry-run sink."""

import pytest
from pydantic import ValidationError

from ejsync.sinks.dryrun.config import DryRunConfig


def test_nothing_need_be_set():
    """The dry-run sink has a name and nothing else."""
    assert DryRunConfig().name == "dryrun"


@pytest.mark.parametrize("wrong", [{"name": "A B"}, {"type": "ed"}, {"token": "x"}])
def test_a_wrong_setting_is_refused(wrong):
    """Odd names, other types and unknown keys are refused."""
    with pytest.raises(ValidationError):
        DryRunConfig.model_validate(wrong)
