"""The Open Repair Data Standard 0.3: its columns, its texts, and what they are here."""

from datetime import date
from enum import StrEnum

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


class Barrier(StrEnum):
    """What stood in the way of a repair, as the standard counts it."""

    PARTS_NOT_AVAILABLE = "parts_not_available"
    PARTS_TOO_EXPENSIVE = "parts_too_expensive"
    NO_WAY_TO_OPEN = "no_way_to_open"
    NO_REPAIR_INFORMATION = "no_repair_information"
    LACK_OF_EQUIPMENT = "lack_of_equipment"
    WORN_OUT = "worn_out"
    OTHER = "other"


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

# Order numbers show two digits of the year, so history must stay within one century.
EARLIEST = date(2000, 1, 1)
