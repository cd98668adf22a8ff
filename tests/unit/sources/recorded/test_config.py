"""Settings of a recorded source."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ejsync.sources.recorded.config import RecordedConfig


def test_a_relative_folder_starts_at_the_settings():
    """A relative folder is looked for beside the settings, an absolute one where it says."""
    beside = RecordedConfig.model_validate({"type": "recorded", "folder": "pages"}, context={"folder": "/etc/ejsync"})
    assert beside.folder == Path("/etc/ejsync/pages")
    absolute = RecordedConfig.model_validate({"type": "recorded", "folder": "/pages"}, context={"folder": "/etc"})
    assert absolute.folder == Path("/pages")


@pytest.mark.parametrize("given", [{"type": "recorded"}, {"type": "recorded", "folder": "pages", "speed": 2}])
def test_senseless_settings_are_refused(given):
    """A recorded source has a folder and nothing else."""
    with pytest.raises(ValidationError):
        RecordedConfig.model_validate(given)
