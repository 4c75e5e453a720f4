"""Tables as CSV files that a spreadsheet opens with the right characters and no surprises."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from litestar import Response
from litestar.response import Stream

# A cell that begins like this would be taken for a formula (CWE-1236), in any width of the sign.
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")
_MEDIA_TYPE = "text/csv; charset=utf-8"
# Spreadsheets take a file without it for one in the encoding of their country.
_MARK = "\ufeff"

Lines = Iterable[Sequence[object]]


def csv_answer(name: str, headings: Sequence[str], rows: Lines) -> Response[bytes]:
    """Return a table as a file of that name: UTF-8 with the mark that spreadsheets look for."""
    text = _MARK + _written([headings]) + _written(rows)
    return Response(text.encode(), media_type=_MEDIA_TYPE, headers=_headers(name))


async def csv_stream(name: str, headings: Sequence[str], pages: AsyncIterator[Lines]) -> Stream:
    """Return a file of any length, of which one page of lines is in memory at a time.

    The first page is read before the answer begins, so that a no is still a page of its own; what
    breaks later breaks the download off, so that nobody takes a part for the whole.
    """
    first = await anext(pages)

    async def parts() -> AsyncIterator[bytes]:
        yield (_MARK + _written([headings]) + _written(first)).encode()
        async for lines in pages:
            yield _written(lines).encode()

    return Stream(parts(), media_type=_MEDIA_TYPE, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}.csv"'}


def _written(rows: Lines) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
