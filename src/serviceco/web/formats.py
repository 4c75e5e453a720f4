"""How dates, money, numbers, phones and names read in each language (ui.md 3.6).

Every function takes the value as the API sends it (ISO text or a Python value) and gives `--`
for a missing one. Instants are shown in the zone of the branch they belong to.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_datetime

from serviceco.core.catalogues import sentence
from serviceco.core.money import exponent
from serviceco.core.order_numbers import is_order_number, spaced
from serviceco.web.languages import BABEL_LOCALES

MISSING = "--"
_DATES = {"zh-Hans": "yyyy-MM-dd", "zh-Hant": "yyyy/MM/dd", "en": "d MMM yyyy"}
_INSTANTS = {
    "zh-Hans": "yyyy-MM-dd HH:mm",
    "zh-Hant": "yyyy/MM/dd HH:mm",
    "en": "d MMM yyyy, HH:mm",
}
_SHORT_INSTANTS = {"zh-Hans": "MM-dd HH:mm", "zh-Hant": "MM/dd HH:mm", "en": "d MMM, HH:mm"}
# The yen keeps its own sign away from the yuan's, which most of our amounts carry.
_SYMBOLS = {
    "CNY": "¥",
    "TWD": "NT$",
    "HKD": "HK$",
    "JPY": "JP¥",
    "GBP": "£",
    "EUR": "€",
    "USD": "US$",
}
_HOME_REGION = {"zh-Hans": "CN", "zh-Hant": "TW", "en": ""}


def date_text(day: date | str | None, language: str) -> str:
    """Return a calendar day, e.g. `2026-11-22`, `2026/11/22` or `22 Nov 2026`."""
    if not day:
        return MISSING
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return _in_pattern(datetime(value.year, value.month, value.day, tzinfo=UTC), _DATES, language)


def instant_text(at: datetime | str | None, zone: str, language: str) -> str:
    """Return an instant in the zone's wall time, e.g. `2026-11-22 14:08`."""
    return _in_pattern(_local(at, zone), _INSTANTS, language) if at else MISSING


def day_text(at: datetime | str | None, zone: str, language: str) -> str:
    """Return the calendar day of an instant in the zone."""
    return date_text(_local(at, zone).date(), language) if at else MISSING


def relative_text(at: datetime | str | None, zone: str, language: str, now: datetime) -> str:
    """Return `5 minutes ago` up to 24 hours back, the short wall time for anything else."""
    if not at:
        return MISSING
    moment = _local(at, zone)
    minutes = int((now - moment) / timedelta(minutes=1))
    if not 0 <= minutes < 24 * 60:
        return _in_pattern(moment, _SHORT_INSTANTS, language)
    if minutes < 1:
        return sentence(language, "time.just_now")
    if minutes < 60:
        return sentence(language, "time.minutes_ago", n=minutes)
    return sentence(language, "time.hours_ago", n=minutes // 60)


def range_text(since: date | str, last: date | str, language: str) -> str:
    """Return a range of days, both ends in, e.g. `1–22 Nov 2026`."""
    first, end = (date.fromisoformat(day) if isinstance(day, str) else day for day in (since, last))
    if language == "zh-Hans":
        return f"{date_text(first, language)} ～ {date_text(end, language)}"
    same_month = (first.year, first.month) == (end.year, end.month)
    if language == "zh-Hant":
        short_end = f"{end:%m/%d}" if first.year == end.year else date_text(end, language)
        return f"{date_text(first, language)}–{short_end}"
    short_start = str(first.day) if same_month else date_text(first, language)
    return f"{short_start}–{date_text(end, language)}"


def money_text(money: Mapping[str, Any] | None, *, by_code: bool = False) -> str:
    """Return `{amountMinor, currency}` with its sign, or its ISO code where currencies mix.

    An amount in TWD shows no decimals while it is whole, as its users write it.
    """
    if not money or money["amountMinor"] is None:
        return MISSING
    amount_minor, currency = int(money["amountMinor"]), str(money["currency"])
    places = exponent(currency)
    amount = Decimal(amount_minor).scaleb(-places)
    if currency == "TWD" and amount == amount.to_integral_value():
        places = 0
    digits = f"{abs(amount):,.{places}f}"
    sign = "−" if amount_minor < 0 else ""
    symbol = None if by_code else _SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{currency} {sign}{digits}"


def amount_text(amount_minor: int, currency: str) -> str:
    """Return an amount as people type it: digits and a point, no sign of the currency."""
    places = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"


def percent_text(ratio: float | None) -> str:
    """Return a ratio of 0 to 1 as a percentage with one decimal."""
    return MISSING if ratio is None else f"{ratio * 100:.1f}%"


def count_text(number: int | None) -> str:
    """Return a whole number with its thousands apart."""
    return MISSING if number is None else f"{number:,}"


def big_count_text(number: int | None, language: str) -> str:
    """Return a number for a tile: `12.3 万`, `12.3 萬`, `123.5 K`; short ones in full."""
    if number is None or abs(number) < 10_000:
        return count_text(number)
    if language == "en":
        return f"{number / 1_000:,.1f} K"
    return f"{number / 10_000:,.1f} {'万' if language == 'zh-Hans' else '萬'}"


def duration_text(minutes: int | None, language: str) -> str:
    """Return a span by its two largest units, e.g. `2 d 3 h`."""
    if minutes is None:
        return MISSING
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [("days", days), ("hours", hours), ("minutes", left)]
    shown = [(unit, n) for unit, n in parts if n][:2] or [("minutes", 0)]
    return " ".join(sentence(language, f"duration.{unit}", n=n) for unit, n in shown)


def phone_text(phone: str | None, language: str) -> str:
    """Return an E.164 number in the reader's habit: national at home, international elsewhere."""
    if not phone:
        return MISSING
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    region = phonenumbers.region_code_for_number(parsed)
    if region != _HOME_REGION[language]:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return national.replace(" ", "-") if region == "TW" else national


def masked_phone(phone: str | None) -> str:
    """Return a phone with its middle hidden, e.g. `138****5678`; short ones show two digits."""
    if not phone:
        return MISSING
    digits = "".join(sign for sign in phone.removeprefix("+86") if sign.isdigit())
    if len(digits) < 9:
        return f"****{digits[-2:]}"
    return f"{digits[:3]}****{digits[-4:]}"


def masked_name(name: str | None) -> str:
    """Return a name with all but its ends hidden: `王*`, `王*芳`, `J***`."""
    if not name:
        return MISSING
    name = name.strip()
    if name.isascii():
        return " ".join(f"{part[0]}***" for part in name.split())
    return f"{name[0]}*" if len(name) < 3 else f"{name[0]}*{name[-1]}"


def order_number_text(number: str | None) -> str:
    """Return an order number in its groups, `261122 00034 7`; anything else as it came."""
    if not number:
        return MISSING
    return spaced(number) if is_order_number(number) else number


def in_language(text: Mapping[str, Any] | None, language: str) -> str:
    """Return a text of the API in the reader's language; English, then any, where it lacks it.

    A `Text` has the keys `zhHans`, `zhHant`, `en`; stored names have `zh_hans`, `zh_hant`, `en`.
    """
    if not text:
        return MISSING
    first, *rest = language.split("-")
    camel = first + "".join(rest)
    snake = "_".join((first, *rest)).lower()
    found = text.get(camel) or text.get(snake) or text.get("en")
    return found or next(filter(None, text.values()), MISSING)


def product_text(maker: Mapping[str, Any], model: str, language: str) -> str:
    """Return brand and model; a model that begins with the brand's name says it once."""
    brand = in_language(maker, language)
    return f"{brand} {model.removeprefix(str(maker.get('en', ''))).strip()}".strip()


def _local(at: datetime | str, zone: str) -> datetime:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(ZoneInfo(zone))


def _in_pattern(moment: datetime, patterns: dict[str, str], language: str) -> str:
    return format_datetime(
        moment, patterns[language], tzinfo=moment.tzinfo, locale=BABEL_LOCALES[language]
    )
