"""Understanding a row of the Open Repair Data Standard 0.3. Pure: the day is a parameter.

The standard's texts are compared without regard to case and outer blanks. A row is rejected with
all its problems at once; what is only odd is kept and remarked upon.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from serviceco.exchange.words import (
    BARRIERS,
    CATEGORY_NAMES,
    CATEGORY_NUMBERS,
    COLUMNS,
    COUNTRY_LANGUAGES,
    NO_BRAND,
    OUTCOMES,
    PROVIDER_LANGUAGES,
    UNDETERMINED,
    ZONES,
    Barrier,
    Changed,
    Earlier,
    Note,
    Problem,
    Record,
    Remark,
    Repair,
    Reported,
    Sorted,
    Verdict,
)
from serviceco.repairs.words import Outcome
from serviceco.tenancy.rules import fold_spelling

# Order numbers show two digits of the year, so history must stay within one century.
EARLIEST = date(2000, 1, 1)
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


def group_name(text: str) -> str:
    """Return a group's name in composed letters, its blanks made single."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def brand_spelling(printed: str) -> str | None:
    """Return the folded spelling of a printed brand, or None where it says that none is known."""
    if not any(sign.isalnum() for sign in printed):
        return None
    spelling = fold_spelling(printed)
    return None if spelling in NO_BRAND else spelling


def language_of(provider: str, country: str) -> str:
    """Return the language of the customer's words as a BCP 47 tag, `und` where nobody says."""
    known = PROVIDER_LANGUAGES.get(provider.casefold())
    return known or COUNTRY_LANGUAGES.get(country, UNDETERMINED)


def moment_of(day: date, zone: str) -> datetime:
    """Return noon of a day: the time was not recorded, and noon stays on its day if the zone moves."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def branch_code(group: str, taken: Collection[str]) -> str:
    """Return a short code in letters, digits and dashes that no other branch has."""
    plain = unicodedata.normalize("NFKD", group).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-") or "branch"
    code, times = stem, 1
    while code in taken:
        times += 1
        code = f"{stem}-{times}"
    return code


def sort_out(repairs: Iterable[Repair], earlier: Mapping[str, Earlier]) -> Sorted:
    """Tell new rows from those imported before, by their ids.

    An id that came from another contributor is not the same repair, and is rejected.
    """
    new, changed, rejected, unchanged = [], [], [], 0
    for repair in repairs:
        before = earlier.get(repair.key)
        if before is None:
            new.append(repair)
        elif before.fields["data_provider"].strip() != repair.provider:
            note = Note(Problem.ID_OF_OTHER_PROVIDER, "id", before.fields["data_provider"])
            rejected.append(Reported(repair.line, repair.key, Verdict.REJECTED, (note,)))
        elif columns := changed_columns(before, repair):
            changed.append(Changed(repair, before, columns))
        else:
            unchanged += 1
    return Sorted(tuple(new), tuple(changed), unchanged, tuple(rejected))


def kept_fields(repair: Repair) -> dict[str, str]:
    """Return what is kept of a row to compare it with later: that it had words, never the words."""
    return {**repair.fields, "problem": "said" if has_words(repair) else ""}


def has_words(repair: Repair) -> bool:
    """Tell whether the customer said anything."""
    return bool(repair.words.strip())


def changed_columns(before: Earlier, repair: Repair) -> tuple[str, ...]:
    """Return the columns in which a row differs from its earlier reading.

    Words that were erased since stay erased, whatever the source says now.
    """
    now = kept_fields(repair)
    columns = [name for name in now if before.fields.get(name) != now[name]]
    if before.words is not None and has_words(repair) and before.words != repair.words:
        columns.append("problem")
    if before.fields["problem"] and before.words is None:
        columns = [name for name in columns if name != "problem"]
    return tuple(columns)


@dataclass(slots=True)
class Report:
    """What became of a file, row by row where something was not understood."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    changed: int = 0
    lines: list[Reported] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows were not imported."""
        return sum(line.verdict is Verdict.REJECTED for line in self.lines)

    def add(self, batch: Sorted, rejected: Sequence[Reported], repairs: Sequence[Repair]) -> None:
        """Count one batch: the rows rejected unread, and what became of the understood ones."""
        self.rows += len(rejected) + len(repairs)
        self.imported += len(batch.new)
        self.unchanged += batch.unchanged
        self.changed += len(batch.changed)
        refused = {line.line for line in batch.rejected}
        kept = [
            Reported(repair.line, repair.key, Verdict.KEPT, repair.remarks)
            for repair in repairs
            if repair.remarks and repair.line not in refused
        ]
        self.lines += sorted([*rejected, *batch.rejected, *kept], key=lambda line: line.line)

    def codes(self) -> dict[str, int]:
        """Return how often each thing was not understood."""
        return dict(Counter(note.code.value for line in self.lines for note in line.notes))

    def document(self, limit: int | None = 1_000) -> dict[str, Any]:
        """Return the report as JSON values, with the first `limit` lines."""
        return {
            "rows": self.rows,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "changed": self.changed,
            "rejected": self.rejected,
            "not_understood": self.codes(),
            "lines": [_as_document(line) for line in self.lines[:limit]],
            "more_lines": len(self.lines) - len(self.lines[:limit]),
        }


def _as_document(line: Reported) -> dict[str, Any]:
    return {
        "line": line.line,
        "id": line.key,
        "verdict": line.verdict.value,
        "notes": [
            {"code": note.code.value, "column": note.column, "text": note.text}
            for note in line.notes
        ],
    }
