"""The words by which orders are found, and those of the orders that are there."""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from phonenumbers import NumberParseException, national_significant_number
from phonenumbers import parse as parse_phone

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0014"
down_revision = "0013"

# As serviceco.repairs.rules.searching has it at this revision.
_SPACELESS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_SIGNS = re.compile(f"[{_SPACELESS}]+")
_LETTERS = re.compile(f"[^\\W_{_SPACELESS}]+")
_BATCH = 5_000
# Its rows are hidden even from their owner, who reads them here for everybody.
_READ = ("repair_order", "device", "customer", "order_line", "search_key")
_FOUND_BY = """
SELECT o.tenant_id, o.id, o.number, d.serial, d.second_serial, d.brand_printed, d.model_printed,
    b.code AS brand_code, b.name AS brand_name, b.names AS brand_names, m.code AS model_code,
    m.name AS model_name, c.name AS customer, c.phone,
    ARRAY(SELECT s.serial FROM order_line l
        CROSS JOIN LATERAL (VALUES (l.new_serial), (l.old_serial)) s (serial)
        WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id AND s.serial <> '') AS exchanged
FROM repair_order o
JOIN device d ON d.tenant_id = o.tenant_id AND d.id = o.device_id
LEFT JOIN brand b ON b.id = o.brand_id
LEFT JOIN product_model m ON m.id = d.model_id
LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "search_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "word", "order_id", name=op.f("search_key_pkey")),
    )
    isolate_by_tenant("search_key")
    place("search_key", "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", ("search_key",))
    _force("NO FORCE")
    _fill()
    _force("FORCE")
    op.create_index("search_key_order_idx", "search_key", ["tenant_id", "order_id"], unique=False)
    op.create_index(
        "repair_order_customer_idx",
        "repair_order",
        ["tenant_id", "customer_id", sa.literal_column("received_at desc")],
        unique=False,
    )


def _force(word: str) -> None:
    for table in _READ:
        op.execute(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY")


def _fill() -> None:
    connection = op.get_bind()
    key = sa.table("search_key", *map(sa.column, ("tenant_id", "word", "order_id", "is_personal")))
    connection.exec_driver_sql(f"DECLARE found_by NO SCROLL CURSOR FOR {_FOUND_BY}")
    while orders := connection.exec_driver_sql(f"FETCH {_BATCH} FROM found_by").all():
        rows = [
            {"tenant_id": o.tenant_id, "order_id": o.id, "word": word, "is_personal": personal}
            for o in orders
            for word, personal in _words_of(o).items()
        ]
        connection.execute(sa.insert(key), rows)
    connection.exec_driver_sql("CLOSE found_by")


def _words_of(order: sa.Row[tuple[object, ...]]) -> dict[str, bool]:
    codes = (order.number, order.serial, order.second_serial, *order.exchanged)
    known = {_joined(code) for code in codes if code}
    products = (order.brand_printed, order.model_printed, order.brand_code, order.brand_name)
    for name in (
        *products,
        order.model_code,
        order.model_name,
        *(order.brand_names or {}).values(),
    ):
        known.update(_words(name or ""))
    personal = set(_words(order.customer or ""))
    if order.phone:
        digits = _dialled(order.phone)
        personal |= {digits, digits[-4:]}
    words = dict.fromkeys(personal, True) | dict.fromkeys(known, False)
    return {word[:60]: is_personal for word, is_personal in words.items() if word}


def _joined(text: str) -> str:
    return "".join(_LETTERS.findall(_folded(text)))


def _words(text: str) -> Iterator[str]:
    for chunk in _folded(text).split():
        for signs in _SIGNS.findall(chunk):
            yield from {signs[0], *(signs[index : index + 2] for index in range(len(signs)))}
        for part in _SIGNS.split(chunk):
            yield from {_joined(part), *_LETTERS.findall(part)}


def _dialled(phone: str) -> str:
    try:
        return national_significant_number(parse_phone(phone))
    except NumberParseException:
        return "".join(filter(str.isdigit, phone))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
