"""Files: those of the Open Repair Data Standard 0.3 (openrepair.org/open-data) in, CSV out.

A file is read twice: once to be sure that it is whole, in UTF-8 and has the right columns, so
that nothing is written from a broken one; then to be understood. Neither pass holds it in memory.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serviceco.exchange.words import (
    COLUMNS,
    Record,
    TruncatedFile,
    UnreadableFile,
    WrongColumns,
    WrongEncoding,
)

_DELIMITERS = (",", ";", "\t")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# A spreadsheet takes a text that begins so for a formula, and runs it.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True)
class OrdsFile:
    """A file found whole. `extra_columns` are those that the standard does not know."""

    path: Path
    sha256: str
    rows: int
    delimiter: str
    columns: tuple[str, ...]
    extra_columns: tuple[str, ...]

    def records(self) -> Iterator[Record]:
        """Read the rows, in the order of the file, blank lines apart."""
        records = _records(self.path, self.delimiter)
        next(records)
        return records


def check_ords(path: Path) -> OrdsFile:
    """Read a file from end to end and describe it.

    A last line without a line break counts as cut off: text missing at its end shows nowhere else.

    Raises:
        UnreadableFile: it is empty or no CSV.
        WrongEncoding: it is not in UTF-8; the line is named.
        WrongColumns: columns of the standard are missing or doubled.
        TruncatedFile: it ends in the middle of a row.
    """
    digest, ended = _weigh(path)
    delimiter, columns = _header(path)
    _check_columns(columns)
    rows, last = -1, Record(1, columns)
    for record in _records(path, delimiter):
        rows, last = rows + 1, record
    if not ended or len(last.values) < len(columns):
        raise TruncatedFile(
            f"The file ends in the middle of the row on line {last.line}: it seems cut off."
            " If it is whole, end it with a line break.",
            line=last.line,
        )
    extra = tuple(column for column in columns if column not in COLUMNS)
    return OrdsFile(path, digest, rows, delimiter, columns, extra)


def _weigh(path: Path) -> tuple[str, bool]:
    """Return the file's SHA-256 and whether it ends with a line break."""
    digest, last = hashlib.sha256(), b""
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            last = block
    return digest.hexdigest(), last.endswith((b"\n", b"\r"))


def _header(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter that splits the header best, and the columns it gives."""
    first = next(_lines(path), "")
    if not first.strip():
        raise UnreadableFile("The file is empty, or its first line is.", line=1)
    splits = {mark: tuple(next(csv.reader([first], delimiter=mark))) for mark in _DELIMITERS}
    mark = max(splits, key=lambda mark: len(splits[mark]))
    return mark, tuple(column.strip().lower() for column in splits[mark])


def _check_columns(columns: tuple[str, ...]) -> None:
    missing = [column for column in COLUMNS if column not in columns]
    doubled = sorted({column for column in columns if columns.count(column) > 1})
    if missing:
        raise WrongColumns(f"The header lacks: {', '.join(missing)}.", missing=missing)
    if doubled:
        raise WrongColumns(f"The header names twice: {', '.join(doubled)}.", doubled=doubled)


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(_lines(path), delimiter=delimiter, strict=True)
    line = 1
    try:
        for values in reader:
            if values:
                yield Record(line, tuple(values))
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise TruncatedFile(
                f"The quotes opened in the row on line {line} never close: the file seems cut off.",
                line=line,
            ) from error
        raise UnreadableFile(f"The row on line {line} is not CSV: {error}.", line=line) from error


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            if number == 1 and raw.startswith(_UTF16_MARKS):
                raise WrongEncoding("The file is in UTF-16; save it as UTF-8.", line=1)
            try:
                text = (raw.removeprefix(_UTF8_MARK) if number == 1 else raw).decode()
            except UnicodeDecodeError as error:
                raise WrongEncoding(
                    f"Line {number} is not UTF-8 (byte {error.start + 1} of it); save the file as UTF-8.",
                    line=number,
                ) from error
            yield text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    """Return CSV as spreadsheets read it: UTF-8 with its mark, texts never taken for formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_harmless(heading) for heading in headings])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return _UTF8_MARK + out.getvalue().encode()


def _harmless(cell: str | int | float | None) -> str | int | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
