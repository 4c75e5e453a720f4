"""The vocabulary of imports: what a row says, why it was refused, what was kept all the same."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import Refusal
from serviceco.repairs.words import Outcome

# Open Repair Data Standard 0.3; ids of the standard are unique across its contributors.
ORDS = "ords"
COLUMNS = (
    "id",
    "data_provider",
    "country",
    "partner_product_category",
    "product_category",
    "product_category_id",
    "brand",
    "year_of_manufacture",
    "product_age",
    "repair_status",
    "repair_barrier_if_end_of_life",
    "group_identifier",
    "event_date",
    "problem",
)


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


class Barrier(StrEnum):
    """What stood in the way of a repair, as the standard counts it."""

    PARTS_NOT_AVAILABLE = "parts_not_available"
    PARTS_TOO_EXPENSIVE = "parts_too_expensive"
    NO_WAY_TO_OPEN = "no_way_to_open"
    NO_REPAIR_INFORMATION = "no_repair_information"
    LACK_OF_EQUIPMENT = "lack_of_equipment"
    WORN_OUT = "worn_out"
    OTHER = "other"


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


OUTCOMES = {
    "fixed": Outcome.REPAIRED,
    "repairable": Outcome.REPAIRABLE,
    "end of life": Outcome.NOT_REPAIRED,
    "unknown": Outcome.UNKNOWN,
}

# The last one is how contributors write the one before it.
BARRIERS = {
    "spare parts not available": Barrier.PARTS_NOT_AVAILABLE,
    "spare parts too expensive": Barrier.PARTS_TOO_EXPENSIVE,
    "no way to open product": Barrier.NO_WAY_TO_OPEN,
    "repair information not available": Barrier.NO_REPAIR_INFORMATION,
    "lack of equipment": Barrier.LACK_OF_EQUIPMENT,
    "too worn out": Barrier.WORN_OUT,
    "item too worn out": Barrier.WORN_OUT,
}

# Product categories of the standard, by their number there.
_CATEGORY_LINES = """\
Aircon/dehumidifier
Battery/charger/adapter
Decorative or safety lights
Desktop computer
Digital compact camera
DSLR/video camera
Fan
Flat screen
Hair & beauty item
Handheld entertainment device
Headphones
Hi-Fi integrated
Hi-Fi separates
Kettle
Lamp
Laptop
Large home electrical
Misc
Mobile
Musical instrument
Paper shredder
PC accessory
Portable radio
Power tool
Printer/scanner
Projector
Sewing machine
Small home electrical
Small kitchen item
Tablet
Toaster
Toy
TV and gaming-related accessories
Vacuum
Watch/clock
Coffee maker
Food processor
Games console
Hair dryer
Iron
"""
CATEGORY_NAMES = dict(enumerate(_CATEGORY_LINES.splitlines(), 1))
CATEGORY_NUMBERS = {name.casefold(): number for number, name in CATEGORY_NAMES.items()}

# Countries with one zone, by ISO 3166-1 alpha-3; elsewhere the branch takes the tenant's zone.
ZONES = {
    "AUT": "Europe/Vienna",
    "BEL": "Europe/Brussels",
    "CHE": "Europe/Zurich",
    "CHN": "Asia/Shanghai",
    "CZE": "Europe/Prague",
    "DEU": "Europe/Berlin",
    "DNK": "Europe/Copenhagen",
    "FIN": "Europe/Helsinki",
    "FRA": "Europe/Paris",
    "GBR": "Europe/London",
    "IRL": "Europe/Dublin",
    "ITA": "Europe/Rome",
    "JPN": "Asia/Tokyo",
    "LUX": "Europe/Luxembourg",
    "NLD": "Europe/Amsterdam",
    "NOR": "Europe/Oslo",
    "POL": "Europe/Warsaw",
    "SWE": "Europe/Stockholm",
    "TUN": "Africa/Tunis",
    "TWN": "Asia/Taipei",
}

# The language in which contributors write, as BCP 47 tags; a country has one only where it is plain.
PROVIDER_LANGUAGES = {"repair cafe wales": "en", "repair connects": "nl"}
COUNTRY_LANGUAGES = {
    "AUS": "en",
    "AUT": "de",
    "CHN": "zh-Hans",
    "DEU": "de",
    "DNK": "da",
    "FRA": "fr",
    "GBR": "en",
    "IRL": "en",
    "ITA": "it",
    "JPN": "ja",
    "NLD": "nl",
    "NZL": "en",
    "TWN": "zh-Hant",
    "USA": "en",
}
UNDETERMINED = "und"

# How people write in a brand's place that they know none, folded as spellings are.
NO_BRAND = frozenset({
    "unknown", "unkown", "unknow", "unknwon", "unk", "nk", "na", "none", "nobrand", "nomake",
    "noname", "blank", "xx", "xxx", "onbekend", "geen", "geenmerk", "geennaam", "geenidee",
    "merkonbekend", "unbekannt", "keine", "keinemarke", "inconnu", "inconnue", "sansmarque",
    "desconocido", "sinmarca", "sconosciuto", "okand", "ukendt", "ukjent", "不明", "不详", "不詳",
    "未知", "无", "無",
})  # fmt: skip


class UnreadableFile(Refusal):
    """The file is no CSV, is empty, or its quotes do not close."""

    code = "UNREADABLE_FILE"


class TruncatedFile(Refusal):
    """The file ends in the middle of a row."""

    code = "TRUNCATED_FILE"


class WrongEncoding(Refusal):
    """The file is not in UTF-8."""

    code = "WRONG_ENCODING"


class WrongColumns(Refusal):
    """The header lacks columns of the standard or names one twice."""

    code = "WRONG_COLUMNS"


class CategoriesMissing(Refusal):
    """The register of categories does not hold those of the standard."""

    code = "CATEGORIES_MISSING"
