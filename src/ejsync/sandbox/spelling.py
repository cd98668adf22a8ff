"""Reading what the journal shows as a person does: the comparator's own eyes, shared with no part of the flow."""

from __future__ import annotations

import html


def line(shown: object) -> str | None:
    """Read a name: entities resolved, blanks single; nothing where nothing stands."""
    return " ".join(html.unescape(str(shown)).split()) or None if shown is not None else None


def lines(shown: object) -> str | None:
    """Read a longer text the same way, but keep its lines."""
    if shown is None:
        return None
    tidy = [line(part) or "" for part in html.unescape(str(shown)).splitlines()]
    return "\n".join(tidy).strip("\n") or None
