"""The answer to a family's request on paper, as plain data for its template; always in Russian. Pure.

What must be said stands in article 14, part 7, of the law 152-FZ: that data are processed, on what ground and for what
purpose, by whom, which data and where from, for how long, to whom they were given, and what rights there are.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ejsync.reports.act import CATEGORIES

_SCOPES = {"results": "результаты учёбы", "contacts": "контакты"}
_GROUNDS = {
    "granted": "действует",
    "missing": "согласия нет",
    "refused": "отказ",
    "not_yet_valid": "ещё не действует",
    "expired": "срок истёк",
    "withdrawn": "отозвано",
}
_DEEDS = {
    "sent": "передано",
    "sent again": "передано повторно",
    "retracted": "отозвано",
    "retracted again": "отозвано повторно",
}
_OUTCOMES = {
    "delivered": "принято",
    "rejected": "не принято",
    "unknown": "ответа ещё нет",
    "failed": "не удалось",
    "split": "отправлено частями",
    "cancelled": "отменено",
}

_RIGHTS = (
    "получить все данные файлом, исправить их в журнале, отозвать согласие, потребовать уничтожения: заявление подаётся"
    " в школу"
)


def answer(told: Mapping[str, Any], *, operator: str, address: str, zone: ZoneInfo, years: int) -> dict[str, Any]:
    """Return the data of the document.

    Args:
        told: what is held and what left, as `privacy report` gathers it.
        years: how long consents and acts are kept.
    """
    return {
        "operator": operator,
        "address": address,
        "pupil": told["pupil"],
        "issued": _moment(told["at"], zone),
        "facts": _facts(told, years),
        "held": [
            [CATEGORIES.get(one["kind"], str(one["kind"])), str(one["count"]), _days(one), _moment(one["since"], zone)]
            for one in told["held"]
        ],
        "consents": [_consent(one, zone) for one in told["consents"]],
        "withheld": [
            f"{CATEGORIES.get(one['kind'], str(one['kind']))}: {one['count']} ({_GROUNDS[one['ground']]})"
            for one in told["withheld"]
        ],
        "left": [_deed(one, zone) for one in told["left"]],
        "totals": [_total(sink, counts) for sink, counts in told["totals"].items()],
        "papers": [_paper(one, zone) for one in told["papers"]],
        "erasures": [f"№ {e['number']} от {_moment(e['begun_at'], zone)}" for e in told["erasures"]],
    }


def _facts(told: Mapping[str, Any], years: int) -> list[list[str]]:
    sinks = ", ".join(told["totals"]) or "никому"
    return [
        ["Обрабатываются ли данные", "да" if told["held"] else "нет"],
        ["Цель", "показать семье результаты учёбы в электронном дневнике"],
        ["Основание передачи", "согласие законного представителя, перечень ниже; без согласия данные не передаются"],
        ["Источник", "электронный журнал школы (ЭлЖур), таблицы канцелярии школы"],
        ["Кому передавались", sinks],
        *_renewed(told),
        ["Способ", "автоматизированная обработка; данные хранятся зашифрованными, у каждого ученика свой ключ"],
        ["Не прошло проверку и не передано", f"записей: {told['quarantined']}"],
        ["Строк канцелярии", str(told["office"])],
        ["Срок", f"пока журнал показывает ученика; сведения о согласии хранятся ещё {years} г. после его окончания"],
        ["Права", _RIGHTS],
    ]


def _renewed(told: Mapping[str, Any]) -> list[list[str]]:
    """After lost keys the log may know a pupil by a pseudonym that nobody can tell any more."""
    at = told.get("keys_renewed_at")
    since = (
        f"до {datetime.fromisoformat(at):%d.%m.%Y} ключи утрачены: более ранние передачи могли не найтись" if at else ""
    )
    return [["Полнота сведений", since]] if at else []


def _days(one: Mapping[str, Any]) -> str:
    if one["first"] is None:
        return "—"
    return f"{one['first']:%d.%m.%Y} – {one['last']:%d.%m.%Y}"


def _consent(one: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    until = one["valid_until"]
    return [
        str(one["number"]),
        _SCOPES[one["scope"]],
        str(one["document"]),
        f"с {_day(one['valid_from'])}" + (f" по {_day(until)}" if until else ""),
        _GROUNDS[one["ground"]] + (f" {_moment(one['withdrawn_at'], zone)}" if one["withdrawn_at"] else ""),
    ]


def _deed(one: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    records = ", ".join(f"{CATEGORIES.get(kind, kind)}: {count}" for kind, count in sorted(one["records"].items()))
    came = ", ".join(f"{_OUTCOMES[name]}: {count}" for name, count in one.get("outcome", {}).items())
    return [_moment(one["at"], zone), _DEEDS[one["what"]], records, str(one["sink"]), _ground(one), came]


def _ground(one: Mapping[str, Any]) -> str:
    numbers, papers = (", ".join(map(str, one.get(name, ()))) for name in ("consents", "documents"))
    if not numbers:
        return "—"
    return f"согласие № {numbers}" + (f", документ {papers}" if papers else "")


def _total(sink: str, counts: Mapping[str, int]) -> str:
    sent, back = counts.get("sent, delivered", 0), counts.get("retracted, delivered", 0)
    return f"{sink}: передано и принято записей {sent}, отозвано {back}"


def _paper(one: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    form = one["extract"]
    year = form["school_year"]
    return [_moment(one["at"], zone), f"класс {form['class']}, {year}/{year + 1}, {form['period']}", str(form["pages"])]


def _day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


def _moment(value: datetime | str, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(zone):%d.%m.%Y %H:%M}"
