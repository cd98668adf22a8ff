"""The printed words."""

import re
from pathlib import Path

import ejsync.reports
from ejsync.reports.extract_words import labels

TEMPLATE = Path(ejsync.reports.__file__).parent / "templates" / "extract.typ"


def test_the_template_asks_for_no_word_that_is_not_there_and_none_is_idle():
    """Every label of the template has its words, and the other way round."""
    shared = {"signature", "name", "date"}
    assert set(re.findall(r"\bl\.([a-z_]+)", TEMPLATE.read_text())) | shared == set(labels())
