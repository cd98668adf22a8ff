"""The act of destruction and the extract of the event log, as plain data for paper and JSON; always in Russian. Pure.

Asked for by Roskomnadzor's order No. 179 of 28.10.2022 (in force from 01.03.2023 to 01.03.2029): processing by machine
is proved by an act and an extract of the event log, both kept for three years (`retention.acts_years`). The headings
are those of published accounts of it (legion-inform.ru/?p=1863, delo-press.ru/news/62626,
api.nnov.ru/akt-unichtozheniya-personalnyh-dannyh). Its own text was not at hand, so no item of it is cited.

==========================================  =====  ====================================================================
what must be said                           where  where it comes from
==========================================  =====  ====================================================================
name and address of the operator            act    title and address of the school in the settings
who processed on his behalf, with address   act    a line to be filled in: ejsync runs at the school
the person, or what refers to him           both   ElJur number and pseudonym; his name is destroyed: a line in the act
who destroyed: name, position, signature    act    lines
categories of the data destroyed            both   kinds of records that were held
material carriers, with sheets              act    papers that were handed out, to be destroyed by hand
information system                          both   ejsync and its store
way of destruction                          act    `WAY`
reason                                      both   the order given, with its document
date                                        both   when the last copy was swept; the extract dates every entry too
==========================================  =====  ====================================================================
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    """Return both documents of one erasure, field by field in the order of their headings."""
    order = erasure.order
    assert order is not None  # the act is what the order is kept for
    at = erasure.step_at.astimezone(about.zone)
    facts = _facts(erasure, order, about)
    return {
        "title": TITLE,
        "annex": ANNEX,
        "number": str(erasure.number),
        "date": f"{at:%d.%m.%Y}",
        "act": [_field(name, text) for name, text in facts.items()],
        "signatures": [{"name": BLANK, "position": BLANK} for _ in range(2)],
        "recipients": [_recipient(sink, told, about.zone) for sink, told in sorted(_told(erasure).items())],
        "unreachable": _unreachable(erasure),
        "papers": [_paper(event, about.zone) for event in about.papers],
        "log": [_field(name, facts[name]) for name in _EXTRACTED],
        "entries": [_entry(event, about.zone) for event in about.events],
    }


_SUBJECT, _CATEGORIES = "Субъект персональных данных", "Категории уничтоженных данных"
_IN, _WHY, _WHEN = "Информационная система", "Причина уничтожения", "Дата уничтожения"
_EXTRACTED = (_SUBJECT, _CATEGORIES, _IN, _WHY, _WHEN)
"""What the extract says of the whole erasure, too."""


def _facts(erasure: Erasure, order: Order, about: Circumstances) -> dict[str, str]:
    at = erasure.step_at.astimezone(about.zone)
    return {
        "Оператор": about.operator,
        "Адрес оператора": about.address,
        "Лицо, обрабатывавшее данные по поручению оператора, и его адрес": BLANK,
        _SUBJECT: f"ученик № {order.pupil} в ЭлЖуре; в журнале событий: {erasure.pseudonym}",
        "Фамилия, имя, отчество субъекта (данные уничтожены, вносится от руки)": BLANK,
        _CATEGORIES: "; ".join(categories(erasure.found)) or "нет записей",
        "Материальные носители (листов)": _carriers(about),
        _IN: SYSTEM,
        "Способ уничтожения": WAY,
        _WHY: _reason(order),
        _WHEN: f"{at:%d.%m.%Y %H:%M} ({at:%Z})",
    }


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


def _field(name: str, text: str) -> dict[str, str]:
    return {"name": name, "text": text}


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
