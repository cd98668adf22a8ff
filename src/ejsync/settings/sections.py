"""The sections of the settings file as typed models; every default stands here and nowhere else."""

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ejsync.credentials import SecretRef
from ejsync.credentials.client_certificates import check_bundle
from ejsync.domain.guard import GuardRule
from ejsync.settings.polling import ClockTime, Feeds, Section
from ejsync.settings.promises import Promises
from ejsync.settings.retention import Retention
from ejsync.sinks import SinkConfig
from ejsync.sources import SourceConfig


def _beside_file(path: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", ".")) / path.expanduser()


def _bundle(path: Path, info: ValidationInfo) -> Path:
    if not path.is_file():
        raise PydanticCustomError("file_missing", "no such file")
    if (info.context or {}).get("reveal"):
        check_bundle(path)
    return path


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise PydanticCustomError("zone_unknown", "no such time zone") from None
    return name


Located = Annotated[Path, AfterValidator(_beside_file)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class StoreSection(Section):
    """Where the system of record stands."""

    path: Located = Field(
        default=Path("state/ejsync.db"),
        validate_default=True,
        description="SQLite file, relative to the settings file.",
    )


class Keys(Section):
    """The keys of the school's own machine."""

    master: SecretRef = Field(
        default="file:state/master.key",
        validate_default=True,
        description="Master secret of fingerprints and pseudonyms, 32 bytes or more; changing it re-sends everything.",
    )


class School(Section):
    """One school: its source and its sinks."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="The school's id in tables, logs and audit.")
    title: str = Field(min_length=1, max_length=200, description="The school's name as people write it.")
    address: str = Field(default="", max_length=300, description="The school's address, for acts of destruction.")
    timezone: Zone = Field(description="IANA name of the school's time zone; school days are dates in it.")
    source: SourceConfig = Field(description="The journal that is read.")
    sinks: list[SinkConfig] = Field(min_length=1, description="The diaries that are written to.")
    contacts: bool = Field(
        default=False, description="Whether families' contacts are carried, each with a consent of its own."
    )

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.timezone)


class Delivery(Section):
    """How changes leave."""

    batch_items: int = Field(default=500, ge=1, le=1000, description="Most items of one batch.")
    every_seconds: int = Field(default=5, ge=1, le=3600, description="Seconds between two looks into the outbox.")


class Guard(Section):
    """From when on a change is a mass change and waits for an operator."""

    retracted_share: float = Field(
        default=0.3, ge=0, le=1, description="Share (0-1) of a kind's live records that may vanish at once."
    )
    changed_share: float = Field(
        default=0.8, ge=0, le=1, description="Share (0-1) of a kind's live records that may be rewritten at once."
    )
    least_count: int = Field(default=25, ge=0, description="Up to this many records nothing is held.")
    most_count: int = Field(
        default=1000, ge=1, description="More retractions of a kind than this are held, however small their share."
    )

    wiped_count: int = Field(
        default=5, ge=0, description="If nothing is left of more than this many records of a window, that is held too."
    )
    memory_hours: int = Field(
        default=24,
        ge=0,
        le=168,
        description="Hours over which retractions of a class are added up; 0 judges each read alone.",
    )

    def rule(self) -> GuardRule:
        """Return the rule as the domain knows it."""
        return GuardRule(**self.model_dump())


class Reconcile(Section):
    """When diaries are compared with the store, and what is done about it without being asked."""

    enabled: bool = Field(default=True, description="Whether diaries are compared every night.")
    begins: ClockTime = Field(default=time(3, 0), description="School time after which the night's comparison is due.")
    repair: bool = Field(default=True, description="Whether what a diary has lost is sent again by itself.")
    away_hours: float = Field(
        default=4, gt=0, le=720, description="A diary that was away for longer is compared as soon as it is back."
    )

    @property
    def away(self) -> timedelta:
        """From when on a diary that was away may come back as another."""
        return timedelta(hours=self.away_hours)


class Audit(Section):
    """When the audit log is signed; it always is when the service stops."""

    checkpoint_minutes: int = Field(
        default=15, ge=1, le=1440, description="Minutes after which a log that has grown is signed."
    )
    checkpoint_entries: int = Field(
        default=1000, ge=1, le=1_000_000, description="So many new entries are signed sooner than that."
    )

    @property
    def every(self) -> timedelta:
        """How long what was appended may stay unsigned."""
        return timedelta(minutes=self.checkpoint_minutes)


class Http(Section):
    """How long and how much one request may take."""

    connect_s: float = Field(default=10.0, gt=0, le=120, description="Seconds to connect.")
    total_s: float = Field(default=30.0, gt=0, le=900, description="Seconds for a whole request, answer included.")
    body_megabytes: int = Field(default=50, ge=1, le=1000, description="Largest answer in megabytes, decompressed.")
    attempts: int = Field(default=4, ge=1, le=20, description="How often one read is tried within a cycle.")
    ca_bundle: Annotated[Located, AfterValidator(_bundle)] | None = Field(
        default=None, description="PEM file with further trusted authorities."
    )


class Service(Section):
    """The health endpoint of the running daemon, and how it stops."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address the health endpoint listens on.")
    port: int = Field(default=8787, ge=0, le=65535, description="Port of the health endpoint; 0 takes a free one.")
    stop_within_s: float = Field(default=7.0, gt=0, le=600, description="Seconds the daemon takes to stop, at most.")


class Logs(Section):
    """What the process writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is written."
    )
    format: Literal["json", "text"] = Field(default="json", description="One JSON object a line, or text for people.")


class Settings(Section):
    """All settings of one instance."""

    store: StoreSection = Field(default={}, validate_default=True, description="The system of record.")
    keys: Keys = Field(default={}, validate_default=True, description="The keys of this instance.")
    schools: list[School] = Field(min_length=1, description="The schools that are carried over.")
    feeds: Feeds = Field(default=Feeds(), description="When each feed is read.")
    promises: Promises = Field(default=Promises(), description="How soon changes reach families.")
    delivery: Delivery = Field(default=Delivery(), description="How changes leave.")
    guard: Guard = Field(default=Guard(), description="The mass-change guard.")
    reconcile: Reconcile = Field(default=Reconcile(), description="Comparing diaries with the store.")
    audit: Audit = Field(default=Audit(), description="When the audit log is signed.")
    retention: Retention = Field(default=Retention(), description="How long what is kept stays.")
    http: Http = Field(default=Http(), description="Bounds of one HTTP request.")
    service: Service = Field(default=Service(), description="The health endpoint.")
    logs: Logs = Field(default=Logs(), description="The log.")
