"""The table of ui.md 3.6, row by row."""

from datetime import datetime, timedelta

import pytest

from serviceco.web import formats

SHANGHAI = "Asia/Shanghai"
AT = "2026-11-22T06:08:00+00:00"


@pytest.mark.parametrize(
    ("language", "day", "instant", "days"),
    [
        ("zh-Hans", "2026-11-22", "2026-11-22 14:08", "2026-11-01 ～ 2026-11-22"),
        ("zh-Hant", "2026/11/22", "2026/11/22 14:08", "2026/11/01–11/22"),
        ("en", "22 Nov 2026", "22 Nov 2026, 14:08", "1–22 Nov 2026"),
    ],
)
def test_dates_read_as_each_language_writes_them(
    language: str, day: str, instant: str, days: str
) -> None:
    assert formats.date_text("2026-11-22", language) == day
    assert formats.instant_text(AT, SHANGHAI, language) == instant
    assert formats.range_text("2026-11-01", "2026-11-22", language) == days


def test_a_day_belongs_to_the_zone_of_the_branch() -> None:
    assert formats.day_text("2026-11-21T17:00:00Z", SHANGHAI, "zh-Hans") == "2026-11-22"
    assert formats.day_text("2026-11-21T17:00:00Z", "Europe/London", "zh-Hans") == "2026-11-21"


@pytest.mark.parametrize(
    ("ago", "hans", "hant", "en"),
    [
        (timedelta(seconds=20), "刚刚", "剛剛", "just now"),
        (timedelta(minutes=5), "5 分钟前", "5 分鐘前", "5 min ago"),
        (timedelta(hours=3), "3 小时前", "3 小時前", "3 h ago"),
        (timedelta(hours=24), "11-21 14:08", "11/21 14:08", "21 Nov, 14:08"),
        (timedelta(minutes=-10), "11-22 14:18", "11/22 14:18", "22 Nov, 14:18"),
    ],
)
def test_the_last_day_reads_as_time_passed(ago: timedelta, hans: str, hant: str, en: str) -> None:
    now = datetime.fromisoformat(AT)
    texts = [
        formats.relative_text(now - ago, SHANGHAI, language, now)
        for language in ("zh-Hans", "zh-Hant", "en")
    ]
    assert texts == [hans, hant, en]


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text", "by_code"),
    [
        ("123450", "CNY", "¥1,234.50", "CNY 1,234.50"),
        ("123500", "TWD", "NT$1,235", "TWD 1,235"),
        ("123550", "TWD", "NT$1,235.50", "TWD 1,235.50"),
        ("-5", "GBP", "−£0.05", "GBP −0.05"),
        ("500", "JPY", "JP¥500", "JPY 500"),
        ("1500", "KWD", "KWD 1.500", "KWD 1.500"),
        ("9007199254740993", "EUR", "€90,071,992,547,409.93", "EUR 90,071,992,547,409.93"),
    ],
)
def test_money_keeps_every_minor_unit(
    amount_minor: str, currency: str, text: str, by_code: str
) -> None:
    money = {"amountMinor": amount_minor, "currency": currency}
    assert formats.money_text(money) == text
    assert formats.money_text(money, by_code=True) == by_code


@pytest.mark.parametrize(
    ("minutes", "hans", "en"),
    [
        (3060, "2 天 3 小时", "2 d 3 h"),
        (192, "3 小时 12 分钟", "3 h 12 min"),
        (0, "0 分钟", "0 min"),
    ],
)
def test_a_duration_reads_by_its_two_largest_units(minutes: int, hans: str, en: str) -> None:
    assert formats.duration_text(minutes, "zh-Hans") == hans
    assert formats.duration_text(minutes, "en") == en


def test_phones_read_nationally_at_home_and_internationally_elsewhere() -> None:
    assert formats.phone_text("+8613812345678", "zh-Hans") == "138 1234 5678"
    assert formats.phone_text("+886912345678", "zh-Hant") == "0912-345-678"
    assert formats.phone_text("+8613812345678", "en") == "+86 138 1234 5678"
    assert formats.phone_text("+447911123456", "zh-Hans") == "+44 7911 123456"
    assert formats.phone_text("ext. 12", "en") == "ext. 12"


def test_masks_hide_all_but_the_ends() -> None:
    assert formats.masked_phone("+8613812345678") == "138****5678"
    assert formats.masked_phone("12345") == "****45"
    assert [formats.masked_name(name) for name in ("王芳", "王小芳", "Jane Doe")] == [
        "王*",
        "王*芳",
        "J*** D***",
    ]


def test_what_is_missing_reads_as_two_dashes() -> None:
    missing = [
        formats.date_text(None, "en"),
        formats.instant_text(None, SHANGHAI, "en"),
        formats.money_text(None),
        formats.percent_text(None),
        formats.duration_text(None, "en"),
        formats.phone_text(None, "en"),
        formats.masked_name(""),
        formats.in_language(None, "en"),
    ]
    assert set(missing) == {"--"}


def test_large_counts_shorten_only_in_tiles() -> None:
    assert formats.big_count_text(123_456, "zh-Hans") == "12.3 万"
    assert formats.big_count_text(123_456, "zh-Hant") == "12.3 萬"
    assert formats.big_count_text(123_456, "en") == "123.5 K"
    assert formats.count_text(123_456) == "123,456"


def test_a_text_falls_back_to_english_before_any_other_language() -> None:
    text = {"zhHans": "屏幕", "zhHant": None, "en": "Screen"}
    assert formats.in_language(text, "zh-Hans") == "屏幕"
    assert formats.in_language(text, "zh-Hant") == "Screen"
    assert formats.in_language({"zh_hant": "螢幕", "en": "Screen"}, "zh-Hant") == "螢幕"
