"""The act of destruction and the extract of the event log, as plain data for paper and JSON; always in Russian. Pure.

Source of the fields: Roskomnadzor's order No. 179 of 28.10.2022, "Требования к подтверждению уничтожения персональных
данных", in force from 01.03.2023 to 01.03.2029. Processing by machine is proved by both documents (item 2).

========  =======================================================  ===================================================
item      what must be said                                        where it comes from
========  =======================================================  ===================================================
3 а       name and address of the operator                         title and address of the school in the settings
3 б       who processed on the operator's behalf, with address     a line to be filled in: ejsync runs at the school
3 в       the person, or what refers to him                        his ElJur number; his name is destroyed: a line
3 г       who destroyed: name, position, signature                 lines
3 д       categories of the data destroyed                         kinds of records that were held
3 е       material carriers, with sheets                           papers that were handed out, to be destroyed by hand
3 ж       information system                                       ejsync and its store
3 з       way of destruction                                       `WAY`
3 и       reason                                                   the order, with its document
3 к       date                                                     when the last copy was swept
5 а       (extract) the person, or what refers to him              ElJur number, and the log's pseudonym
5 б       (extract) categories                                     as 3 д
5 в       (extract) information system                             as 3 ж
5 г       (extract) reason                                         as 3 и
5 д       (extract) date                                           as 3 к, and of every entry
6         what the extract cannot say stands in the act            the act is the first part of the same document
8         both are kept for three years from the destruction       `retention.acts_years`
========  =======================================================  ===================================================
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from ejsync.domain.audit import AuditEvent
from ejsync.domain.erasure import Answer, Erasure, Order

SYSTEM = "ejsync: обмен данными электронного журнала (ЭлЖур) с электронным дневником"
WAY = (
    "Уничтожен ключ шифрования (AES-256-GCM) персональных данных этого лица во всех файлах ключей и их копиях; записи"
    " удалены из базы данных и её резервных копий, файлы переписаны без свободных страниц; восстановить содержание"
    " данных невозможно."
)
TITLE, ANNEX = "Акт об уничтожении персональных данных", "Выгрузка из журнала регистрации событий"
CATEGORIES = {
    "pupil": "фамилия, имя, отчество, класс",
    "contact": "контакты семьи (телефон, адрес электронной почты)",
    "mark": "отметки с комментариями",
    "absence": "пропуски и опоздания",
    "final_mark": "итоговые отметки",
    "final_state": "состояния итоговых отметок",
    "forecast": "прогнозы итоговых отметок",
    "recommendation": "рекомендации учителей",
    "homework": "индивидуальные домашние задания",
    "control_work": "контрольные работы ученика",
    "lesson": "индивидуальные занятия",
    "lesson_change": "изменения индивидуальных занятий",
}
_ROWS = {
    "consent": "сведения о согласиях (номер документа, кем дано, срок)",
    "office_row": "сведения канцелярии школы (контакты, учебные решения)",
    "quarantine": "записи, не прошедшие проверку",
}
_EVENTS = {
    "erasure.begun": "начало уничтожения: ключ шифрования уничтожен, передача прекращена",
    "erasure.told": "ответ получателя данных",
    "erasure.deleted": "записи удалены из базы данных",
    "erasure.swept": "переписаны база данных и резервные копии",
    "consent.withdrawn": "действие согласия прекращено",
}
BLANK = ""
"""What people fill in by hand stands as a line on paper and as an empty text in JSON."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the settings and the log add to an erasure.

    Attributes:
        events: the entries of the log that are about it, in their order.
        papers: entries about papers that were made of the pupil's data.
    """

    operator: str
    address: str
    zone: ZoneInfo
    events: Sequence[AuditEvent]
    papers: Sequence[AuditEvent] = ()


def act(erasure: Erasure, about: Circumstances) -> dict[str, Any]:
    """Return both documents of one erasure, field by field with the item of the order that asks for it."""
    order = erasure.order
    assert order is not None  # the act is what the order is kept for
    at = erasure.step_at.astimezone(about.zone)
    shared = _shared(erasure, order, at)
    return {
        "title": TITLE,
        "annex": ANNEX,
        "number": str(erasure.number),
        "date": f"{at:%d.%m.%Y}",
        "act": sorted(_fields(shared, about), key=itemgetter("item")),
        "signatures": [{"name": BLANK, "position": BLANK, "item": "3г"} for _ in range(2)],
        "recipients": [_recipient(sink, told, about.zone) for sink, told in sorted(_told(erasure).items())],
        "unreachable": _unreachable(erasure),
        "papers": [_paper(event, about.zone) for event in about.papers],
        "log": [_field(item, name, text) for (_, name, text), item in zip(shared, _EXTRACT_ITEMS, strict=True) if item],
        "entries": [_entry(event, about.zone) for event in about.events],
    }


def _fields(shared: Sequence[tuple[str, str, str]], about: Circumstances) -> list[dict[str, str]]:
    return [
        _field("3а", "Оператор", about.operator),
        _field("3а", "Адрес оператора", about.address),
        _field("3б", "Лицо, обрабатывавшее данные по поручению оператора, и его адрес", BLANK),
        *(_field(f"3{letter}", name, text) for letter, name, text in shared),
        _field("3е", "Материальные носители (листов)", _carriers(about)),
        _field("3з", "Способ уничтожения", WAY),
    ]


_EXTRACT_ITEMS = ("5а", "", "5б", "5в", "5г", "5д")
"""The items of the extract that ask for the same as the shared fields of the act; a name it does not ask for."""


def _shared(erasure: Erasure, order: Order, at: datetime) -> list[tuple[str, str, str]]:
    number = f"ученик № {order.pupil} в ЭлЖуре; в журнале событий: {erasure.pseudonym}"
    return [
        ("в", "Субъект персональных данных", number),
        ("в", "Фамилия, имя, отчество субъекта (данные уничтожены, вносится от руки)", BLANK),
        ("д", "Категории уничтоженных данных", "; ".join(categories(erasure.found)) or "нет записей"),
        ("ж", "Информационная система", SYSTEM),
        ("и", "Причина уничтожения", _reason(order)),
        ("к", "Дата уничтожения", f"{at:%d.%m.%Y %H:%M} ({at:%Z})"),
    ]


def categories(found: Mapping[str, Any]) -> list[str]:
    """Name what was held, with counts, the records first."""
    kinds, rows = found.get("kinds", {}), found.get("rows", {})
    named = [(CATEGORIES.get(kind, kind), count) for kind, count in kinds.items()]
    named += [(words, rows[table]) for table, words in _ROWS.items() if table in rows]
    return [f"{words} ({count})" for words, count in named]


def _reason(order: Order) -> str:
    paper = f"основание: {order.document}" if order.document else ""
    by = f"распоряжение дал(а): {order.by}" if order.by else ""
    return "; ".join(filter(None, (order.reason, paper, by)))


def _field(item: str, name: str, text: str) -> dict[str, str]:
    return {"item": item, "name": name, "text": text}


def _carriers(about: Circumstances) -> str:
    if not about.papers:
        return "обработка без средств автоматизации не велась"
    pages = sum(int(event.details.get("pages", 0)) for event in about.papers)
    return f"напечатанные выписки уничтожаются отдельно (перечень ниже): документов {len(about.papers)}, листов {pages}"


def _told(erasure: Erasure) -> Mapping[str, Mapping[str, Any]]:
    return {sink: {} for sink in erasure.diaries} | dict(erasure.told)


def _recipient(sink: str, told: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    if told.get("answer") == Answer.CONFIRMED.value:
        words = f"подтвердил уничтожение; записей у него оставалось: {told['records']}"
    elif told.get("answer") == Answer.LEFT_OUT.value:
        words = "извещается иным способом по решению оператора; записи у него могли остаться"
    elif told.get("answer") is None:
        words = f"не ответил ({told.get('error', BLANK)}); записи у него могли остаться"
    else:
        words = "не умеет принимать требование об уничтожении; отправлены отзывы всех записей"
    return {"sink": sink, "answer": words, "at": _local(told["at"], zone) if "at" in told else BLANK}


def _unreachable(erasure: Erasure) -> list[str]:
    left = erasure.found.get("swept", {}).get("unreachable", [])
    copies = [f"повреждённая или недоступная для записи копия: {name}" for name in left]
    return [*copies, "файлы, сохранённые людьми в другие места (отчёты, выгрузки, копии базы вне папки backups)"]


def _paper(event: AuditEvent, zone: ZoneInfo) -> dict[str, str]:
    told = event.details
    alone = len(told["pupils"]) == 1
    what = "выписка" if alone else f"выписки {len(told['pupils'])} учеников в одном документе"
    where = f"класс {told['class']}, {told['school_year']}/{told['school_year'] + 1}, {told['period']}"
    sheets = str(told["pages"])
    return {"at": _local(event.at, zone), "what": f"{what}: {where}", "sheets": sheets, "sha256": told["sha256"]}


def _entry(event: AuditEvent, zone: ZoneInfo) -> dict[str, Any]:
    words = _EVENTS.get(event.event, event.event)
    if event.event == "erasure.told":
        words = f"{words} «{event.details['sink']}»"
    told = {"seq": str(event.seq), "at": _local(event.at, zone), "what": words}
    return {**told, "event": event.event, "hash": event.hash}


def _local(written: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(written).astimezone(zone):%d.%m.%Y %H:%M:%S}"


def of_erasure(events: Iterable[AuditEvent], erasure: Erasure) -> list[AuditEvent]:
    """Choose the entries of the log that are about one erasure: its own, and the ends of consents that it brought."""
    begun = [event.seq for event in events if _is_own(event, erasure)]
    first = min(begun, default=0)
    return [
        event
        for event in events
        if _is_own(event, erasure)
        or (event.event == "consent.withdrawn" and event.details.get("pupil") == erasure.pseudonym
            and event.at >= erasure.begun_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") and event.seq < first)
    ]  # fmt: skip


def _is_own(event: AuditEvent, erasure: Erasure) -> bool:
    return event.event.startswith("erasure.") and event.details.get("erasure") == erasure.number


def of_papers(events: Iterable[AuditEvent], pseudonym: str) -> list[AuditEvent]:
    """Choose the entries about papers that name a pupil."""
    return [event for event in events if event.event == "extract.written" and pseudonym in event.details["pupils"]]
