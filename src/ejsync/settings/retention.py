"""How long what is kept stays: after that the working instance deletes it every night.

Raw answers of the journal are never kept, and the bodies of batches only until they are answered: there is nothing to
set. The audit log is kept for ever: it holds no personal data, and a chain from which entries are cut proves nothing.
"""

from datetime import datetime, time, timedelta

from pydantic import Field

from ejsync.domain.cutoffs import Cutoffs
from ejsync.settings.polling import ClockTime, Section

_LEAST_YEARS = 3
_YEAR_DAYS = 366  # no year is longer


class Retention(Section):
    """How long what is kept stays. The audit log is kept for ever."""

    begins: ClockTime = Field(default=time(4, 0), description="School time after which the night's purge is due.")
    quarantine_days: int = Field(
        default=90, ge=1, le=3660, description="Days that a broken record stays after the journal last showed it."
    )
    batches_days: int = Field(
        default=400, ge=30, le=3660, description="Days that the list of a settled batch stays; dead letters longer."
    )
    office_days: int = Field(
        default=365, ge=1, le=3660, description="Days that replaced and undone rows of the office's sheets stay."
    )
    backups_days: int = Field(
        default=90, ge=1, le=3660, description="Days that a backup stays, whatever it was made for."
    )
    consents_years: int = Field(
        default=3, ge=1, le=75, description="Years that a consent stays after its end: it proves why data had left."
    )
    acts_years: int = Field(
        default=_LEAST_YEARS, ge=_LEAST_YEARS, le=75, description="Years that acts of destruction stay: by law three."
    )

    def cutoffs(self, now: datetime) -> Cutoffs:
        """Return before which instants what is kept is past its time."""

        def back(*, days: float = 0, years: float = 0) -> datetime:
            return now - timedelta(days=days + years * _YEAR_DAYS)

        return Cutoffs(
            quarantine=back(days=self.quarantine_days),
            batches=back(days=self.batches_days),
            office=back(days=self.office_days),
            consents=back(years=self.consents_years),
            backups=back(days=self.backups_days),
            acts=back(years=self.acts_years),
        )
