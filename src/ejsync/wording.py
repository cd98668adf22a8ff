"""The sentences people read: marked here, translated by gettext, Russian and English catalogues in `locale/`."""

import gettext
import os
from pathlib import Path

DOMAIN = "ejsync"
LANGUAGES = ("ru", "en")
_written: dict[str, str] = {}
_CATALOGUES = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:  # noqa: N802 - the name gettext's extractors know
    """Mark a sentence for the catalogues without translating it yet."""
    return sentence


def use_language(language: str | None = None) -> str:
    """Choose the language for this process and return it.

    Args:
        language: "ru" or "en"; None follows the first of `LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG` that is set;
            Russian where it is unset or C, English where it is any other language.
    """
    chosen = language if language in LANGUAGES else _from_locale()
    os.environ["LANGUAGE"] = _written["LANGUAGE"] = chosen
    gettext.bindtextdomain(DOMAIN, str(_CATALOGUES))
    gettext.textdomain(DOMAIN)
    return chosen


def _given(variable: str) -> str | None:
    """Return a variable of the user's; what this process wrote into it itself says nothing."""
    value = os.environ.get(variable)
    return None if variable == "LANGUAGE" and value == _written.get(variable) else value


def _from_locale() -> str:
    named = next(filter(None, map(_given, ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = named.partition(":")[0].partition(".")[0].partition("@")[0].partition("_")[0].lower()
    if language in {"", "c", "posix"}:  # a locale that says nothing, as containers have it
        return "ru"
    return language if language in LANGUAGES else "en"


def translated(words: str) -> str:
    """Translate words that carry no places; what no catalogue knows stays as it is."""
    return gettext.gettext(words) if words else words


def say(sentence: str, **values: object) -> str:
    """Translate a marked sentence and fill its `{places}`."""
    return gettext.gettext(sentence).format(**values)


def say_count(one: str, many: str, count: int, **values: object) -> str:
    """Translate a sentence that counts, in the plural form its language wants for `count`."""
    return gettext.ngettext(one, many, count).format(count=count, **values)
