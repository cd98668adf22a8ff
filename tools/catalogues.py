"""Bring the catalogues up to date: extract from the source and from click, merge, compile; `--check` only looks.

A new sentence appears in the Russian catalogue with an empty msgstr: fill it and run this program again. The English
catalogue repeats the source. Needs the development dependencies (Babel).
"""
# ruff: noqa: INP001 - a program, not a part of a package

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ejsync"
LOCALE = SOURCE / "locale"
LANGUAGES = ("ru", "en")
KEYWORDS = {"N_": None, "_": None, "gettext": None, "say": (1,), "say_count": (1, 2), "ngettext": (1, 2)}
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)  # a date of its own would change the compiled bytes at each run
HEADER = "# The sentences of ejsync and of click, the command line library it stands on.\n"


def main() -> int:
    """Update and compile, or with `--check` name what is missing or out of date and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything is to do")
    if parser.parse_args().check:
        found = [fault for language in LANGUAGES for fault in faults(language)]
        sys.stdout.writelines(f"{fault}\n" for fault in found)
        return 1 if found else 0
    for language in LANGUAGES:
        update(language)
    return 0


def extracted() -> Catalog:
    """Return the template: every marked sentence with the file it stands in, no line numbers and no date."""
    template = Catalog(domain="ejsync", fuzzy=False)
    for root, shown in ((SOURCE, "src/ejsync"), (Path(click.__file__).parent, "click")):
        for file, _, message, _, context in _marked(root):
            known = template.get(message[0] if isinstance(message, tuple) else message, context)
            place = (f"{shown}/{file}", 0)
            if known is None or place not in known.locations:
                template.add(message, locations=[place], context=context)
    return template


def _marked(root: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    found = extract_from_dir(root, method_map=[("**.py", "python")], keywords=KEYWORDS)
    yield from sorted(found, key=lambda item: (item[0].replace("\\", "/"), item[1]))


def update(language: str) -> None:
    """Merge the template into one catalogue, write it and compile it."""
    catalogue = merged(language)
    po_file(language).parent.mkdir(parents=True, exist_ok=True)
    po_file(language).write_bytes(po_bytes(catalogue))
    po_file(language).with_suffix(".mo").write_bytes(mo_bytes(language))


def merged(language: str) -> Catalog:
    """Return a catalogue with exactly the template's sentences; those translated already keep their translation."""
    old = read_catalogue(language)
    new = Catalog(locale=language, domain="ejsync", header_comment=HEADER.rstrip(), fuzzy=False)
    for message in extracted():
        if message.id:
            new.add(message.id, _translation(message, old, language), message.locations, context=message.context)
    return new


def _translation(message: Message, old: Catalog, language: str) -> str | list[str] | tuple[str, ...]:
    known = old.get(_singular(message), message.context)
    if language == "en":
        return message.id
    if known is not None and known.id == message.id and known.string is not None:
        return known.string
    return ("",) * old.num_plurals if message.pluralizable else ""


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def read_catalogue(language: str) -> Catalog:
    """Read a catalogue as it is; an empty one where there is none yet."""
    text = po_file(language).read_bytes() if po_file(language).is_file() else b""
    catalogue = read_po(io.BytesIO(text), locale=language, domain="ejsync")
    catalogue.creation_date = catalogue.revision_date = UNDATED
    return catalogue


def po_file(language: str) -> Path:
    """Return where a catalogue stands."""
    return LOCALE / language / "LC_MESSAGES" / "ejsync.po"


def po_bytes(catalogue: Catalog) -> bytes:
    """Return a catalogue as a file, the same bytes for the same sentences."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, include_lineno=False, omit_header=True)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = ("Project-Id-Version: ejsync", f"Language: {catalogue.locale}", "MIME-Version: 1.0")
    tail = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", f"Plural-Forms: {plural}")
    lines = "".join(f'"{line}\\n"\n' for line in head + tail)
    return f'{HEADER}msgid ""\nmsgstr ""\n{lines}\n'.encode() + buffer.getvalue()


def mo_bytes(language: str) -> bytes:
    """Return a catalogue compiled from its file."""
    buffer = io.BytesIO()
    write_mo(buffer, read_catalogue(language))
    return buffer.getvalue()


def faults(language: str) -> list[str]:
    """Name what is to do in one catalogue: untranslated, fuzzy, out of date, not compiled."""
    catalogue, file = read_catalogue(language), po_file(language)
    found = [f"{language}: untranslated: {_singular(m)!r}" for m in catalogue if m.id and not _whole(m)]
    found += [f"{language}: fuzzy: {_singular(m)!r}" for m in catalogue if m.id and m.fuzzy]
    if not file.is_file() or file.read_bytes() != po_bytes(merged(language)):
        found.append(f"{language}: {file.name} is out of date; run tools/catalogues.py")
    compiled = file.with_suffix(".mo")
    if not compiled.is_file() or compiled.read_bytes() != mo_bytes(language):
        found.append(f"{language}: {compiled.name} is not compiled from {file.name}; run tools/catalogues.py")
    return found


def _whole(message: Message) -> bool:
    return bool(message.string) if isinstance(message.string, str) else all(message.string or [""])


if __name__ == "__main__":
    sys.exit(main())
