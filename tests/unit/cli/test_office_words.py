"""Words for what the office's sheets hold."""

import orjson
import pytest

from ejsync.cli.import_verbs import HELP
from ejsync.cli.office_words import TITLES, described, heads_of, office_word
from ejsync.domain.office import OfficeKind
from ejsync.wording import use_language

PAYLOADS = {
    "contact": {"whose": "mother", "way": "email", "form": "electronic", "address": "family@example.org"},
    "curriculum": {"subject": "Алгебра", "group": None, "period": "p1", "hours": 34},
    "deferral": {"subject": None, "period": "year", "state": "deferred", "until": "2026-11-15"},
    "recommendation": {"subject": None, "date": "2026-11-16", "text": "Читать"},
}
LINES = {
    "contact": "mother, e-mail, electronic",
    "curriculum": "Алгебра, p1, 34 h",
    "deferral": "all subjects, year, put off, until 15.11.2026",
    "recommendation": "16.11.2026",
}


@pytest.mark.parametrize("kind", OfficeKind)
def test_a_row_is_one_line_without_its_address_or_text(kind):
    """What it is about is said, what it holds stays in the store."""
    use_language("en")
    assert described(kind.value, orjson.dumps(PAYLOADS[kind.value])) == LINES[kind.value]


def test_every_kind_has_a_title_and_a_verb():
    """No kind is forgotten by the command line."""
    assert set(TITLES) == set(HELP) == {kind.value for kind in OfficeKind}


def test_fields_are_told_by_their_heads_and_values_by_words():
    """People know the heads of their sheet, not the names of fields."""
    use_language("en")
    assert heads_of("contact", ["address", "valid_until"]) == ["Адрес или номер", "Действует до"]
    assert (office_word("sms"), office_word("p1")) == ("SMS", "p1")
