"""Small files in the format of the Open Repair Data Standard, written for the tests."""

import csv
import io
from pathlib import Path

from serviceco.exchange.words import COLUMNS

GOOD = {
    "id": "demo_1",
    "data_provider": "Repair Cafe Wales",
    "country": "GBR",
    "partner_product_category": "Electrical ~ Iron",
    "product_category": "Iron",
    "product_category_id": "40",
    "brand": "Tefal",
    "year_of_manufacture": "",
    "product_age": "",
    "repair_status": "Fixed",
    "repair_barrier_if_end_of_life": "",
    "group_identifier": "Aberdyfi",
    "event_date": "2024-05-11",
    "problem": "Does not get hot",
}


def sample(*rows: dict[str, str], delimiter: str = ",") -> str:
    """The text of a file with these rows; each names what differs from `GOOD`, ids count up."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, 1):
        writer.writerow({**GOOD, "id": f"demo_{number}", **row})
    return out.getvalue()


def written(folder: Path, text: str | bytes, name: str = "sample.csv") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
