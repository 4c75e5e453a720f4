"""Understanding a row of the standard.

Texts are compared without regard to case and outer blanks. A row is rejected with all its
problems at once; what is only odd is kept and remarked upon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from serviceco.exchange.rules.names import group_name
from serviceco.exchange.words import (
    BARRIERS,
    CATEGORY_NAMES,
    CATEGORY_NUMBERS,
    COLUMNS,
    EARLIEST,
    OUTCOMES,
    ZONES,
    Barrier,
    Note,
    Problem,
    Record,
    Remark,
    Repair,
    Reported,
    Verdict,
)
from serviceco.repairs.words import Outcome

_LONGEST_LIFE_YEARS = 100
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"\d{4}")
_AGE = re.compile(r"\d{1,3}([.]\d+)?")


def understand_all(
    records: Iterable[Record], columns: Sequence[str], today: date
) -> Iterator[Repair | Reported]:
    """Yield each record as a repair or, where it cannot be one, as a rejection; ids may come once."""
    seen: dict[str, int] = {}
    for record in records:
        repair = understand(record, columns, today)
        if isinstance(repair, Repair):
            first = seen.setdefault(repair.key, record.line)
            if first != record.line:
                note = Note(Problem.DUPLICATE_ID, "id", f"{repair.key} (line {first})")
                repair = Reported(record.line, repair.key, Verdict.REJECTED, (note,))
        yield repair


def understand(record: Record, columns: Sequence[str], today: date) -> Repair | Reported:
    """Return what a record says, or why it says nothing that could be imported.

    `columns` names its values in lower case. An event after `today` is rejected.
    """
    fields = dict(zip(columns, record.values, strict=False))
    key = fields.get("id", "").strip()
    problems = list(_problems(record, columns, fields, today))
    if problems:
        return Reported(record.line, key, Verdict.REJECTED, tuple(problems))
    event_on = date.fromisoformat(fields["event_date"].strip())
    number, category_notes = _category(fields)
    year, year_notes = _year(fields, event_on)
    barrier, barrier_notes = _barrier(fields)
    status = fields["repair_status"].strip().casefold()
    notes = [*category_notes, *year_notes, *barrier_notes, *_oddities(fields)]
    return Repair(
        line=record.line,
        key=key,
        provider=fields["data_provider"].strip(),
        country=fields["country"].strip(),
        group=group_name(fields["group_identifier"]),
        category_number=number or 0,
        brand_printed=fields["brand"].strip(),
        manufactured_year=year,
        outcome=OUTCOMES[status] if status else Outcome.UNKNOWN,
        barrier=barrier,
        event_on=event_on,
        words=fields["problem"],
        fields={column: fields[column] for column in COLUMNS if column != "problem"},
        remarks=tuple(notes),
    )


def _problems(
    record: Record, columns: Sequence[str], fields: Mapping[str, str], today: date
) -> Iterator[Note]:
    if len(record.values) != len(columns):
        found = f"{len(record.values)} instead of {len(columns)}"
        yield Note(Problem.WRONG_FIELD_COUNT, "", found)
        return
    for column, text in fields.items():
        if "\0" in text:
            # PostgreSQL keeps no NUL in a text; leaving it out would not be verbatim.
            yield Note(Problem.UNREADABLE_CHARACTER, column, text.replace("\0", "␀"))
    if not fields["id"].strip():
        yield Note(Problem.MISSING_ID, "id", "")
    if not group_name(fields["group_identifier"]):
        yield Note(Problem.MISSING_GROUP, "group_identifier", "")
    yield from _unknown(fields, today)


def _unknown(fields: Mapping[str, str], today: date) -> Iterator[Note]:
    if problem := _date_problem(fields["event_date"].strip(), today):
        yield Note(problem, "event_date", fields["event_date"])
    status = fields["repair_status"].strip().casefold()
    if status and status not in OUTCOMES:
        yield Note(Problem.UNKNOWN_STATUS, "repair_status", fields["repair_status"])
    if _category(fields)[0] is None:
        text = f"{fields['product_category_id']} {fields['product_category']}".strip()
        yield Note(Problem.UNKNOWN_CATEGORY, "product_category_id", text)


def _date_problem(text: str, today: date) -> Problem | None:
    if not text:
        return Problem.MISSING_DATE
    try:
        day = date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        return Problem.BAD_DATE
    if day > today:
        return Problem.FUTURE_DATE
    return Problem.DATE_TOO_EARLY if day < EARLIEST else None


def _category(fields: Mapping[str, str]) -> tuple[int | None, list[Note]]:
    """Return the category's number; where number and name disagree, the number counts."""
    text, name = fields["product_category_id"].strip(), fields["product_category"].strip()
    by_name = CATEGORY_NUMBERS.get(name.casefold())
    by_number = int(text) if text.isascii() and text.isdigit() else None
    if by_number in CATEGORY_NAMES:
        if name and by_name != by_number:
            return by_number, [Note(Remark.CATEGORY_NAME_DIFFERS, "product_category", name)]
        return by_number, []
    return by_name, [Note(Remark.CATEGORY_BY_NAME, "product_category_id", text)]


def _year(fields: Mapping[str, str], event_on: date) -> tuple[int | None, list[Note]]:
    """Return the year of manufacture: as printed, else the event's year less the age."""
    year_text, age_text = fields["year_of_manufacture"].strip(), fields["product_age"].strip()
    age = float(age_text) if _AGE.fullmatch(age_text) else None
    notes = []
    if age_text and age is None:
        notes.append(Note(Remark.BAD_AGE, "product_age", age_text))
    if year_text and not _YEAR.fullmatch(year_text):
        notes.append(Note(Remark.BAD_YEAR, "year_of_manufacture", year_text))
        year_text = ""
    if not year_text:
        return (None if age is None else event_on.year - int(age)), notes
    year = int(year_text)
    if year > event_on.year:
        return None, [*notes, Note(Remark.YEAR_AFTER_EVENT, "year_of_manufacture", year_text)]
    if event_on.year - year > _LONGEST_LIFE_YEARS:
        notes.append(Note(Remark.UNLIKELY_YEAR, "year_of_manufacture", year_text))
    if age is not None and abs(event_on.year - year - age) > 1:
        notes.append(Note(Remark.AGE_CONTRADICTS_YEAR, "product_age", f"{age_text} ({year_text})"))
    return year, notes


def _barrier(fields: Mapping[str, str]) -> tuple[Barrier | None, list[Note]]:
    column = "repair_barrier_if_end_of_life"
    text = fields[column].strip()
    if not text:
        return None, []
    notes = []
    if OUTCOMES.get(fields["repair_status"].strip().casefold()) is not Outcome.NOT_REPAIRED:
        notes.append(Note(Remark.BARRIER_NOT_EXPECTED, column, text))
    barrier = BARRIERS.get(text.casefold())
    if barrier is None:
        notes.append(Note(Remark.UNKNOWN_BARRIER, column, text))
    return barrier or Barrier.OTHER, notes


def _oddities(fields: Mapping[str, str]) -> Iterator[Note]:
    if not fields["repair_status"].strip():
        yield Note(Remark.EMPTY_STATUS, "repair_status", "")
    if fields["country"].strip() not in ZONES:
        yield Note(Remark.UNKNOWN_COUNTRY, "country", fields["country"])
