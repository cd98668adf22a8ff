"""All targets, by name."""

from functools import cache
from importlib import import_module

ROOMS = {
    "journal": "journal_answers",
    "recorded": "recorded_pages",
    "sheets": "sheets_in",
    "settings": "settings_file",
    "diary": "diary_answers",
    "audit": "audit_export",
}


@cache
def target(name):
    """Return a target; its corpus is made when it is first asked for."""
    return import_module(f"tests.fuzz.{ROOMS[name]}").target()
