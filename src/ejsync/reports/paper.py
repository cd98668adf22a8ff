"""Setting pages: data go in as JSON and never as markup, PDF/A comes out; the only place that runs typst.

Fonts are those that typst carries with it (Libertinus Serif has Cyrillic), so that every machine prints the same, and
the same data of the same day give the same bytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
import typst

from ejsync.errors import PaperFailed
from ejsync.reports.lettering import all_settable

STANDARD: Final = "a-2u"
"""PDF/A-2u: all of 2b, and every letter can be read back as Unicode."""
_TEMPLATES = Path(__file__).parent / "templates"
_PAGE = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished document."""

    content: bytes

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(_PAGE.findall(self.content))

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, in hex."""
        return sha256(self.content).hexdigest()


class Press:
    """Sets documents by one template; fonts are looked up once for all of them."""

    def __init__(self, template: str) -> None:
        """Take the name of a template."""
        path = _TEMPLATES / f"{template}.typ"
        self._compiler = typst.Compiler(path, root=_TEMPLATES, ignore_system_fonts=True)

    def pdf(self, data: Mapping[str, Any], day: date) -> Printed:
        """Set a document.

        Args:
            day: its date; the time of day is left out of the file.

        Raises:
            PaperFailed: it cannot be set.
        """
        told = {"data": orjson.dumps(all_settable(dict(data))).decode()}
        made = datetime.combine(day, time(), UTC)
        try:
            content: Any = self._compiler.compile(sys_inputs=told, format="pdf", pdf_standards=STANDARD, timestamp=made)
        except typst.TypstError:
            reason = "TypstError"  # its message may quote a text
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # what typst, written in Rust, ends in; it has no other name
                raise
            reason = "PanicException"
        else:
            return Printed(content)
        raise PaperFailed(reason=reason) from None
