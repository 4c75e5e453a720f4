from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from serviceco.exchange.rules import (
    Report,
    branch_code,
    brand_spelling,
    changed_columns,
    group_name,
    kept_fields,
    language_of,
    moment_of,
    sort_out,
    understand,
    understand_all,
)
from serviceco.exchange.words import (
    COLUMNS,
    Barrier,
    Earlier,
    Problem,
    Record,
    Remark,
    Repair,
    Reported,
    Verdict,
)
from serviceco.repairs.words import Outcome
from tests.exchange.samples import GOOD

TODAY = date(2026, 11, 22)
ORDER = UUID("0197a000-0000-7000-8000-000000000001")


def record(line=2, **fields):
    row = {**GOOD, **fields}
    return Record(line, tuple(row[column] for column in COLUMNS))


def read(**fields):
    return understand(record(**fields), COLUMNS, TODAY)


def repair(**fields) -> Repair:
    one = read(**fields)
    assert isinstance(one, Repair)
    return one


def codes(one):
    return [note.code for note in (one.remarks if isinstance(one, Repair) else one.notes)]


def test_a_good_row_is_understood_whole():
    one = repair(problem="  Kaputt,\nganz  ", brand=" Tefal ", product_age="6.5")
    assert (one.key, one.group, one.event_on) == ("demo_1", "Aberdyfi", date(2024, 5, 11))
    assert (one.outcome, one.barrier, one.category_number) == (Outcome.REPAIRED, None, 40)
    assert (one.brand_printed, one.manufactured_year) == ("Tefal", 2018)
    assert one.words == "  Kaputt,\nganz  "
    assert one.remarks == ()
    assert "problem" not in one.fields


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"id": " "}, Problem.MISSING_ID),
        ({"group_identifier": "\t"}, Problem.MISSING_GROUP),
        ({"event_date": ""}, Problem.MISSING_DATE),
        ({"event_date": "11/05/2024"}, Problem.BAD_DATE),
        ({"event_date": "2024-02-30"}, Problem.BAD_DATE),
        ({"event_date": "20240511"}, Problem.BAD_DATE),
        ({"event_date": "2026-11-23"}, Problem.FUTURE_DATE),
        ({"event_date": "1999-12-31"}, Problem.DATE_TOO_EARLY),
        ({"repair_status": "Kaputt"}, Problem.UNKNOWN_STATUS),
        ({"product_category": "Boat", "product_category_id": "41"}, Problem.UNKNOWN_CATEGORY),
        ({"problem": "a\0b"}, Problem.UNREADABLE_CHARACTER),
    ],
)
def test_what_cannot_be_imported_is_rejected_with_its_reason(fields, problem):
    one = read(**fields)
    assert isinstance(one, Reported)
    assert (one.verdict, codes(one)) == (Verdict.REJECTED, [problem])


def test_all_problems_of_a_row_are_named_at_once():
    one = read(event_date="soon", repair_status="?", id="")
    assert codes(one) == [Problem.MISSING_ID, Problem.BAD_DATE, Problem.UNKNOWN_STATUS]


def test_a_row_of_another_width_is_rejected():
    one = understand(Record(7, ("demo_1", "x")), COLUMNS, TODAY)
    assert isinstance(one, Reported)
    assert (one.line, one.key, codes(one)) == (7, "demo_1", [Problem.WRONG_FIELD_COUNT])


def test_today_is_no_future_and_the_first_day_not_too_early():
    assert repair(event_date="2026-11-22").event_on == TODAY
    assert repair(event_date="2000-01-01").event_on == date(2000, 1, 1)


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"repair_status": ""}, Remark.EMPTY_STATUS),
        ({"product_category": "Kettle"}, Remark.CATEGORY_NAME_DIFFERS),
        ({"product_category_id": ""}, Remark.CATEGORY_BY_NAME),
        ({"year_of_manufacture": "about 1990"}, Remark.BAD_YEAR),
        ({"year_of_manufacture": "2025"}, Remark.YEAR_AFTER_EVENT),
        ({"year_of_manufacture": "1901"}, Remark.UNLIKELY_YEAR),
        ({"product_age": "old"}, Remark.BAD_AGE),
        ({"year_of_manufacture": "2014", "product_age": "3"}, Remark.AGE_CONTRADICTS_YEAR),
        ({"country": "Wales"}, Remark.UNKNOWN_COUNTRY),
    ],
)
def test_what_is_odd_is_kept_and_remarked_upon(fields, remark):
    assert codes(repair(**fields)) == [remark]


def test_barriers_are_known_odd_or_not_expected():
    worn = repair(repair_status="End of life", repair_barrier_if_end_of_life="Item too worn out")
    assert (worn.outcome, worn.barrier, worn.remarks) == (
        Outcome.NOT_REPAIRED,
        Barrier.WORN_OUT,
        (),
    )
    odd = repair(repair_status="END OF LIFE", repair_barrier_if_end_of_life="Rust")
    assert (odd.barrier, codes(odd)) == (Barrier.OTHER, [Remark.UNKNOWN_BARRIER])
    fixed = repair(repair_barrier_if_end_of_life="Lack of equipment")
    assert (fixed.barrier, codes(fixed)) == (
        Barrier.LACK_OF_EQUIPMENT,
        [Remark.BARRIER_NOT_EXPECTED],
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Fixed", Outcome.REPAIRED),
        ("repairable ", Outcome.REPAIRABLE),
        ("End of life", Outcome.NOT_REPAIRED),
        ("Unknown", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
    ],
)
def test_a_status_is_an_outcome(status, outcome):
    assert repair(repair_status=status).outcome is outcome


def test_where_number_and_name_of_a_category_disagree_the_number_counts():
    assert repair(product_category="Kettle").category_number == 40
    assert repair(product_category_id="x").category_number == 40
    assert repair(product_category_id="99").category_number == 40


def test_the_year_is_the_printed_one_or_follows_from_the_age():
    assert repair(year_of_manufacture="2014", product_age="10").manufactured_year == 2014
    assert repair(product_age="10").manufactured_year == 2014
    assert repair(year_of_manufacture="2025", product_age="3").manufactured_year is None
    assert repair().manufactured_year is None


def test_an_id_comes_once_in_a_file_and_a_rejected_row_does_not_take_it():
    rows = [
        record(2, event_date="soon"),
        record(3),
        record(4, problem="again"),
        record(5, id="demo_2"),
    ]
    read = list(understand_all(rows, COLUMNS, TODAY))
    assert [isinstance(one, Repair) for one in read] == [False, True, False, True]
    assert isinstance(read[2], Reported)
    assert [(note.code, note.text) for note in read[2].notes] == [
        (Problem.DUPLICATE_ID, "demo_1 (line 3)")
    ]


@pytest.mark.parametrize(
    "printed",
    ["Unknown", "UNKNOWN ", "unk", "Onbekend", "geen merk", "Geen naam", "?", "??", "", " - ",
     "N/A", "inconnu", "不明", "xx"],
)  # fmt: skip
def test_a_brand_that_is_not_known_is_no_brand(printed):
    assert brand_spelling(printed) is None


def test_spellings_of_one_brand_fold_together_and_other_brands_do_not():
    assert len({brand_spelling(one) for one in ("De'Longhi", "Delonghi", "DE LONGHI ")}) == 1
    assert brand_spelling("Philips") != brand_spelling("Phillips")
    assert brand_spelling("飞利浦") == "飞利浦"


def test_groups_are_compared_in_composed_letters_and_single_blanks():
    assert group_name("  Cafe\u0301  Gent ") == "Café Gent"


def test_a_branch_code_is_plain_and_free():
    assert branch_code("Cardiff, Cathays", set()) == "cardiff-cathays"
    assert branch_code("Cardiff Cathays", {"cardiff-cathays"}) == "cardiff-cathays-2"
    assert branch_code("Repair Café Lëtzebuerg", set()) == "repair-cafe-letzebuerg"
    assert branch_code("修理咖啡馆", {"branch"}) == "branch-2"
    assert len(branch_code("x" * 80, set())) == 32


@pytest.mark.parametrize(
    ("provider", "country", "language"),
    [
        ("Repair Connects", "CHE", "nl"),
        ("Repair Cafe Wales", "GBR", "en"),
        ("Somebody", "DEU", "de"),
        ("Somebody", "BEL", "und"),
    ],
)
def test_the_language_is_the_providers_or_the_countrys_or_undetermined(provider, country, language):
    assert language_of(provider, country) == language


def test_an_event_is_at_noon_of_its_day():
    assert moment_of(date(2024, 5, 11), "Europe/London") == datetime(2024, 5, 11, 11, tzinfo=UTC)


def earlier(one: Repair, words: str | None = "Does not get hot") -> Earlier:
    return Earlier(ORDER, kept_fields(one), words)


def test_rows_are_new_unchanged_changed_or_somebody_elses():
    known = repair()
    sorted_out = sort_out(
        [
            repair(id="new"),
            known,
            repair(id="moved", group_identifier="Barry"),
            repair(id="theirs"),
        ],
        {
            "demo_1": earlier(known),
            "moved": earlier(repair(id="moved")),
            "theirs": earlier(repair(id="theirs", data_provider="Repair Connects")),
        },
    )
    assert [one.key for one in sorted_out.new] == ["new"]
    assert sorted_out.unchanged == 1
    [changed] = sorted_out.changed
    assert (changed.repair.key, changed.columns) == ("moved", ("group_identifier",))
    [rejected] = sorted_out.rejected
    assert [(note.code, note.text) for note in rejected.notes] == [
        (Problem.ID_OF_OTHER_PROVIDER, "Repair Connects")
    ]


def test_new_words_are_a_change_and_erased_words_stay_erased():
    before = repair()
    assert changed_columns(earlier(before), repair(problem="Hot now")) == ("problem",)
    assert changed_columns(earlier(before), repair(problem=" ")) == ("problem",)
    assert changed_columns(earlier(before, None), repair(problem="Hot now")) == ()
    silent = earlier(repair(problem=""), None)
    assert changed_columns(silent, repair(problem="Hot now")) == ("problem",)
    assert changed_columns(silent, repair(problem=" ")) == ()


def test_a_report_counts_every_row_and_lists_what_was_not_understood():
    report = Report()
    odd, fine = repair(repair_status=""), repair(id="fine")
    rejected = read(id="bad", event_date="soon")
    assert isinstance(rejected, Reported)
    report.add(sort_out([odd, fine], {"fine": earlier(fine)}), [rejected], [odd, fine])
    document = report.document()
    assert {name: document[name] for name in ("rows", "imported", "unchanged", "rejected")} == {
        "rows": 3,
        "imported": 1,
        "unchanged": 1,
        "rejected": 1,
    }
    assert document["not_understood"] == {"empty_status": 1, "bad_date": 1}
    assert {line["verdict"] for line in document["lines"]} == {"rejected", "kept"}
    assert report.document(limit=1)["more_lines"] == 1
