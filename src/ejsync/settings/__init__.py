"""Every setting, typed, with its default: one TOML file and, above it, environment variables (EJSYNC_SECTION__KEY)."""

from ejsync.settings.loading import chosen_file, load
from ejsync.settings.polling import SCHOOL_YEAR, DatedRule, FeedRule, Feeds, Moment
from ejsync.settings.sections import (
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
    "School",
    "Service",
    "Settings",
    "StoreSection",
    "chosen_file",
    "load",
]
