"""cutoffs: one instant for each thing that is kept."""

from dataclasses import fields

from ejsync.domain.cutoffs import Cutoffs
from ejsync.settings import Retention


def test_every_time_that_is_set_has_its_cutoff():
    """What `[retention]` sets is what the purge goes by, and nothing else."""
    told = {name.rpartition("_")[0] for name in Retention.model_fields if "_" in name}
    assert {one.name for one in fields(Cutoffs)} == told
