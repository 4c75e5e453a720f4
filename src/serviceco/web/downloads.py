"""Tables as CSV files that a spreadsheet opens with the right characters and no surprises."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

# A cell that begins like this would be taken for a formula (CWE-1236).
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_answer(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response[bytes]:
    """Return a table as a file of that name: UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
