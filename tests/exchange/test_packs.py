import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serviceco.core.refusals import Refusal
from serviceco.exchange.packs import check_ords, csv_bytes
from serviceco.exchange.words import (
    COLUMNS,
    TruncatedFile,
    UnreadableFile,
    WrongColumns,
    WrongEncoding,
)
from tests.exchange.samples import sample, written

ODD = sample({"problem": 'Said "hot",\nthen cold'}, {"group_identifier": "Café Zürich"}, {})


def test_rows_come_with_the_line_on_which_they_begin(tmp_path):
    source = check_ords(written(tmp_path, ODD))
    records = list(source.records())
    assert [(record.line, record.values[0]) for record in records] == [
        (2, "demo_1"),
        (4, "demo_2"),
        (5, "demo_3"),
    ]
    assert records[0].values[-1] == 'Said "hot",\nthen cold'
    assert (source.rows, source.columns, source.extra_columns) == (3, COLUMNS, ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_delimiter_byte_order_mark_and_line_breaks_may_differ(
    tmp_path, delimiter, mark, line_break
):
    text = sample({"brand": "Müller"}, {}, delimiter=delimiter).replace("\n", line_break)
    source = check_ords(written(tmp_path, mark + text.encode()))
    assert [record.values[6] for record in source.records()] == ["Müller", "Tefal"]


def test_blank_lines_are_no_rows(tmp_path):
    source = check_ords(written(tmp_path, sample({}, {}).replace("\n", "\n\n")))
    assert [record.line for record in source.records()] == [3, 5]
    assert source.rows == 2


def test_columns_of_ones_own_are_passed_over(tmp_path):
    lines = sample({}).splitlines()
    source = check_ords(written(tmp_path, f"note,{lines[0]}\nx,{lines[1]}\n"))
    assert source.extra_columns == ("note",)


@pytest.mark.parametrize(
    ("text", "refusal", "line"),
    [
        (b"", UnreadableFile, 1),
        (b"\n", UnreadableFile, 1),
        (sample({}, {})[:-1].encode(), TruncatedFile, 3),
        (sample({}, {})[:-40].encode() + b"\n", TruncatedFile, 3),
        (sample({}, {"problem": "a,b"})[:-3].encode(), TruncatedFile, 3),
        (sample({}, {"problem": "a,b"}).encode()[:-2] + b'c"d\n', UnreadableFile, 3),
        (sample({}, {}, {"brand": "Müller"}).encode("latin-1"), WrongEncoding, 4),
        (sample({}).encode("utf-16"), WrongEncoding, 1),
        (b"\x89PNG\r\n\x1a\n", WrongEncoding, 1),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, text, refusal, line):
    with pytest.raises(refusal) as caught:
        check_ords(written(tmp_path, text))
    assert caught.value.facts["line"] == line


def test_missing_and_doubled_columns_are_named(tmp_path):
    lacking = written(tmp_path, sample({}).replace("id,", "key,", 1).replace("brand", "make", 1))
    with pytest.raises(WrongColumns, match="lacks: id, brand") as caught:
        check_ords(lacking)
    assert caught.value.facts["missing"] == ["id", "brand"]
    doubled = written(tmp_path, sample({}).replace("problem\n", "problem,brand\n", 1))
    with pytest.raises(WrongColumns, match="twice: brand"):
        check_ords(doubled)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(1, len(ODD.encode())))
def test_a_file_cut_off_anywhere_but_between_rows_is_refused(tmp_path, cut):
    text = ODD.encode()[:cut]
    path = written(tmp_path, text)
    if cut in _row_ends():
        check_ords(path)
    else:
        with pytest.raises(Refusal):
            check_ords(path)


def _row_ends() -> list[int]:
    rows = ODD.split("\ndemo_")
    ends = [len(rows[0].encode()) + 1]
    for row in rows[1:]:
        ends.append(ends[-1] + len(f"demo_{row}\n".encode()))
    return [*ends[:-1], len(ODD.encode())]


@pytest.mark.parametrize("text", ["=1+1", "+44 29", "-5 %", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_never_becomes_a_formula(text):
    [[cell]] = csv.reader(io.StringIO(csv_bytes([text], []).decode("utf-8-sig"), newline=""))
    assert cell == f"'{text}"


def test_a_sheet_is_utf_8_with_its_mark_and_numbers_stay_numbers():
    assert csv_bytes(["门店", "orders"], [["人民路店", -3], [None, 0.5]]) == (
        "\ufeff门店,orders\r\n人民路店,-3\r\n,0.5\r\n".encode()
    )
