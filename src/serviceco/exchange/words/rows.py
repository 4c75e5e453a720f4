"""Rows of an import: as they stand, as they are understood, and what became of them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from serviceco.exchange.words.standard import Barrier
from serviceco.repairs.words import Outcome


class Problem(StrEnum):
    """Why a row could not be imported."""

    WRONG_FIELD_COUNT = "wrong_field_count"
    UNREADABLE_CHARACTER = "unreadable_character"
    MISSING_ID = "missing_id"
    DUPLICATE_ID = "duplicate_id"
    ID_OF_OTHER_PROVIDER = "id_of_other_provider"
    MISSING_GROUP = "missing_group"
    MISSING_DATE = "missing_date"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    DATE_TOO_EARLY = "date_too_early"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_CATEGORY = "unknown_category"


class Remark(StrEnum):
    """What was not understood in a row that was imported all the same."""

    EMPTY_STATUS = "empty_status"
    UNKNOWN_BARRIER = "unknown_barrier"
    BARRIER_NOT_EXPECTED = "barrier_not_expected"
    CATEGORY_NAME_DIFFERS = "category_name_differs"
    CATEGORY_BY_NAME = "category_by_name"
    BAD_YEAR = "bad_year"
    YEAR_AFTER_EVENT = "year_after_event"
    UNLIKELY_YEAR = "unlikely_year"
    BAD_AGE = "bad_age"
    AGE_CONTRADICTS_YEAR = "age_contradicts_year"
    UNKNOWN_COUNTRY = "unknown_country"


class Verdict(StrEnum):
    """What became of a reported row."""

    REJECTED = "rejected"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing not understood: the column and the text that stood there."""

    code: Problem | Remark
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the file as it stands there; `line` is where it begins, the header is line 1."""

    line: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A record understood. `fields` are the standard's columns as they stand, without `problem`."""

    line: int
    key: str
    provider: str
    country: str
    group: str
    category_number: int
    brand_printed: str
    manufactured_year: int | None
    outcome: Outcome
    barrier: Barrier | None
    event_on: date
    words: str
    fields: dict[str, str]
    remarks: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """A row of the report: rejected, or kept with remarks."""

    line: int
    key: str
    verdict: Verdict
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier import made of a row; `words` is None where there were none or are none left."""

    order_id: UUID
    fields: dict[str, str]
    words: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that the source has changed, with the columns that differ."""

    repair: Repair
    earlier: Earlier
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch of understood rows, held against what was imported before."""

    new: tuple[Repair, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    rejected: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class BrandProposal:
    """A known brand that a printed name may mean; `likeness` is in percent."""

    brand_id: UUID
    code: str
    name: str
    likeness: int
