"""The act of destruction: every field that the order asks for."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ejsync.domain.audit import AuditEvent
from ejsync.domain.erasure import Erasure, Order, Step
from ejsync.reports.act import SYSTEM, Circumstances, act, of_erasure, of_papers
from ejsync.reports.paper import Press

AT, NAME = datetime(2026, 11, 24, 9, 5, tzinfo=UTC), "a1b2c3d4e5f60718"
ORDER = Order("1001", "отзыв согласия", "заявление № 14", "директор")
TOLD = {
    "ed": {"answer": "confirmed", "records": 2, "at": AT.isoformat()},
    "region": {"answer": "not_representable", "records": 0, "at": AT.isoformat()},
}
FOUND = {"kinds": {"pupil": 1, "mark": 184}, "rows": {"consent": 2, "record": 200}, "swept": {"unreachable": ["a.db"]}}
ERASURE = Erasure(3, NAME, Step.SWEPT, ORDER, AT, AT, TOLD, FOUND)


def event(seq, name, **details):
    """An entry of the log."""
    return AuditEvent("school-7", seq, f"2026-11-24T09:05:0{seq}.000000Z", name, details, "0" * 64, f"{seq}" * 64)


PAPER = event(1, "extract.written", pupils=[NAME, "x"], pages=4, period="p1", school_year=2026, sha256="e" * 64,
              **{"class": "10А"})  # fmt: skip
EVENTS = [
    PAPER,
    event(2, "consent.withdrawn", pupil=NAME),
    event(3, "erasure.begun", pupil=NAME, erasure=3),
    event(4, "erasure.told", pupil=NAME, erasure=3, sink="ed"),
    event(5, "consent.withdrawn", pupil=NAME),
    event(6, "erasure.begun", pupil=NAME, erasure=4),
]
ABOUT = Circumstances("Лицей", "г. Тестов", ZoneInfo("Europe/Moscow"), of_erasure(EVENTS, ERASURE), [PAPER])


@pytest.fixture(scope="module")
def told():
    """Both documents."""
    return act(ERASURE, ABOUT)


def test_every_heading_of_the_order_has_its_field(told):
    """Operator, processor, person, categories, carriers, system, way, reason, date, signatures; five in the extract."""
    names = [field["name"].partition(" ")[0].strip(",") for field in told["act"]]
    assert names == [
        "Оператор", "Адрес", "Лицо", "Субъект", "Фамилия", "Категории", "Материальные", "Информационная", "Способ",
        "Причина", "Дата",
    ]  # fmt: skip
    assert told["signatures"] == [{"name": "", "position": ""}] * 2
    extracted = [field["name"].partition(" ")[0] for field in told["log"]]
    assert extracted == ["Субъект", "Категории", "Информационная", "Причина", "Дата"]


def test_no_item_of_the_order_is_cited():
    """Nobody has compared the numbers and letters of its items: paper names the order alone."""
    template = (Path(act.__code__.co_filename).parent / "templates" / "act.typ").read_text(encoding="utf-8")
    assert template.count("Приказ Роскомнадзора от 28.10.2022 № 179.") == 2
    assert "пункт" not in template.lower()


def test_what_the_fields_say(told):
    """Who, what, why, when: out of settings, counts and order; nothing of the person but his number."""
    said = {field["name"]: field["text"] for field in told["act"]}
    assert said["Оператор"] == "Лицей"
    assert said["Информационная система"] == SYSTEM
    assert "1001" in said["Субъект персональных данных"]
    assert said["Категории уничтоженных данных"].startswith(
        "фамилия, имя, отчество, класс (1); отметки с комментариями"
    )
    assert said["Причина уничтожения"] == "отзыв согласия; основание: заявление № 14; распоряжение дал(а): директор"
    assert said["Дата уничтожения"] == "24.11.2026 12:05 (MSK)"
    assert "документов 1, листов 4" in said["Материальные носители (листов)"]


def test_the_extract_holds_the_entries_of_this_erasure_alone():
    """Its own entries and the end of consent that it brought; of a later one nothing."""
    assert [one.seq for one in of_erasure(EVENTS, ERASURE)] == [2, 3, 4]
    assert of_papers(EVENTS, NAME) == [PAPER]
    assert of_papers(EVENTS, "somebody") == []


def test_who_could_not_be_told_and_what_was_not_reached_is_said(told):
    """A diary without the way to be asked, a damaged copy, files that people put elsewhere."""
    assert [one["sink"] for one in told["recipients"]] == ["ed", "region"]
    assert "не умеет" in told["recipients"][1]["answer"]
    assert told["unreachable"][0].endswith("a.db")
    assert len(told["unreachable"]) == 2
    assert told["papers"][0]["what"].startswith("выписки 2 учеников")


def test_it_is_set_on_two_pages_and_always_the_same(told):
    """PDF/A of the same facts is the same, byte for byte."""
    first, second = (Press("act").pdf({**told, "page_of": "%p/%n"}, date(2026, 11, 24)) for _ in range(2))
    assert first.pages == 2
    assert first.content == second.content


def test_a_pupil_without_records_has_an_act_too():
    """Where only a decision was held, its category stands alone."""
    bare = Erasure(3, NAME, Step.SWEPT, Order("1001", "отзыв"), AT, AT, {}, {"rows": {"consent": 1}})
    told = act(bare, Circumstances("Лицей", "", ZoneInfo("Europe/Moscow"), []))
    said = {field["name"]: field["text"] for field in told["act"]}
    assert said["Категории уничтоженных данных"].startswith("сведения о согласиях")
    assert said["Причина уничтожения"] == "отзыв"
    assert Press("act").pdf({**told, "page_of": "%p/%n"}, date(2026, 11, 24)).pages == 2
