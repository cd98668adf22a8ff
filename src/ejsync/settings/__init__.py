"""Every setting, typed, with its default: one TOML file and, above it, environment variables (EJSYNC_SECTION__KEY)."""

from ejsync.settings.loading import chosen_file, load
from ejsync.settings.polling import SCHOOL_YEAR, DatedRule, FeedRule, Feeds, Moment
from ejsync.settings.retention import Retention
from ejsync.settings.sections import (
    Audit,
    Delivery,
    Guard,
    Http,
    Keys,
    Logs,
    Reconcile,
    School,
    Service,
    Settings,
    StoreSection,
)

__all__ = [
    "SCHOOL_YEAR",
    "Audit",
    "DatedRule",
    "Delivery",
    "FeedRule",
    "Feeds",
    "Guard",
    "Http",
    "Keys",
    "Logs",
    "Moment",
    "Reconcile",
    "Retention",
    "School",
    "Service",
    "Settings",
    "StoreSection",
    "chosen_file",
    "load",
]
