"""From which instant back what is kept is past its time, by what it is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What was last seen, settled, replaced, made or ended before these instants is deleted."""

    quarantine: datetime
    batches: datetime
    office: datetime
    consents: datetime
    backups: datetime
    acts: datetime
