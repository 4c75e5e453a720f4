"""The intake workload: one mutation, and the very rows it writes, for those who write them by hand.

Last changed 2026-11-30. serviceco takes one device in; what it wrote is read back as a template, in
which ids, number, serial, telephone and key are new with each request and all else stays.
"""

import base64
import itertools
import json
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from stdnum import luhn

from serviceco.catalogue.operations import register_symptom
from serviceco.policy.operations import publish_policy
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.contracts import authorise_branch, sign_contract
from serviceco.tenancy.rules import system_actor
from tests.bench.world import BRANCHES, START, World, brand_id, category_id
from tests.policy.factories import TEXT, policy
from tests.repairs.shop import LABOUR, NAMES, PAY, STEPS

DOCUMENT = """
mutation Intake($key: String!, $intake: IntakeInput!) {
  receiveDevice(idempotencyKey: $key, intake: $intake) {
    __typename
    ... on RepairOrder { number }
    ... on Refusal { code message field }
  }
}
"""
# In the order in which foreign keys allow them to be written one after the other.
TABLES = {
    "customer": "id = o.customer_id",
    "device": "id = o.device_id",
    "proof_of_purchase": "device_id = o.device_id",
    "order_sequence": "day = (o.received_at at time zone 'Asia/Shanghai')::date",
    "repair_order": "id = o.id",
    "customer_words": "id = o.id",
    "coverage_decision": "order_id = o.id",
    "search_key": "order_id = o.id",
    "event": "subject_id = o.id",
    "outbox_entry": "payload->>'order_id' = o.id::text",
    "idempotency_key": "answer->'data'->'receiveDevice'->>'number' = o.number",
}
_NEXT = itertools.count(random.SystemRandom().randrange(10_000_000))


@dataclass(frozen=True)
class Fresh:
    """What is new with each request."""

    serial: str
    phone: str
    key: str


def fresh() -> Fresh:
    """Return an IMEI, a telephone number and a key that no request had before."""
    nth = next(_NEXT)
    body = f"35693803{nth % 1_000_000:06d}"
    return Fresh(body + luhn.calc_check_digit(body), f"139{nth % 100_000_000:08d}", f"key {nth}")


def variables(world: World, choice: random.Random) -> dict[str, Any]:
    """Return the variables of one intake at the first company."""
    new = fresh()
    intake = {
        "branchId": str(world.branch_id(0, choice.randrange(BRANCHES))),
        "device": {"category": "phone", "brand": "bench", "serial": new.serial},
        "customer": {"phone": new.phone, "name": "陈晓明"},
        "words": "昨天摔了一下,屏幕黑了",
        "symptomCodes": ["display"],
        "accessories": ["charger"],
        "proofs": [{"proof": "INVOICE", "datedOn": "2026-03-02"}],
    }
    return {"key": new.key, "intake": intake}


async def open_counter(owner_url: str, world: World) -> None:
    """Give the first company a contract, a policy and a symptom, by the operations of the rooms."""
    actor = system_actor(world.tenant_id(0))
    admin = open_engine(role_url(owner_url, Role.ADMIN))
    app = open_engine(role_url(owner_url, Role.APP))
    async with global_work(admin) as session:
        await register_symptom(
            session, actor, "display", category_id=category_id(), names=NAMES, position=1
        )
    async with unit_of_work(app, world.tenant_id(0)) as session:
        contract = await sign_contract(
            session, actor, "B-1", brand_id=brand_id(), since=date(2020, 1, 1), at=START
        )
        for branch in range(BRANCHES):
            branch_id = world.branch_id(0, branch)
            await authorise_branch(session, actor, contract.id, branch_id, repair_level=3, at=START)
        words = policy(
            brand="bench",
            inspection={"phone": STEPS},
            findings={code: TEXT for step in STEPS for code in step.finds},
            labour=LABOUR,
            pay=PAY,
        )
        await publish_policy(session, actor, words, at=START)
    await admin.dispose()
    await app.dispose()


@dataclass(frozen=True)
class Row:
    """A row as it was written: PostgreSQL's type and text of each column."""

    table: str
    columns: dict[str, tuple[str, str | None]]


async def read_template(connection: asyncpg.Connection, number: str) -> list[Row]:
    """Read every row that one intake wrote, in the order of `TABLES`."""
    rows = []
    for table, condition in TABLES.items():
        types = await _types(connection, table)
        texts = ", ".join(f"t.{column}::text AS {column}" for column in types)
        found = await connection.fetch(
            f"SELECT {texts} FROM {table} t, repair_order o"
            f" WHERE o.number = $1 AND t.tenant_id = o.tenant_id AND t.{condition}",
            number,
        )
        if not found:
            raise LookupError(f"an intake writes no row of {table}")
        rows += [Row(table, {c: (types[c], row[c]) for c in types}) for row in found]
    return rows


async def _types(connection: asyncpg.Connection, table: str) -> dict[str, str]:
    found = await connection.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
        " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    return {row["attname"]: row["type"] for row in found}


class Template:
    """The rows of one intake, in which what is new with each request is told from what stays."""

    def __init__(self, rows: list[Row]) -> None:
        """Find the places of ids, number, serial, telephone and key."""
        self.rows = rows
        order = self._first("repair_order")
        self.number = str(order["number"][1])
        self._ids = self._new_ids()
        serial = str(self._first("device")["serial"][1])
        phone = str(self._first("customer")["phone"][1])
        self._words = {
            serial: "serial",
            phone: "phone",
            phone.removeprefix("+86"): "national",
            phone[-4:]: "last",
            self.number: "number",
            str(self._first("idempotency_key")["key"][1]): "key",
        }

    @classmethod
    def load(cls, path: Path) -> "Template":
        """Read a template that the bench has saved."""
        return cls([Row(table, columns) for table, columns in json.loads(path.read_text("utf-8"))])

    def save(self, path: Path) -> None:
        """Write the template for the processes of other contestants."""
        path.write_text(json.dumps([(row.table, row.columns) for row in self.rows]), "utf-8")

    def place(self, row: Row, column: str) -> str | None:
        """Return the name of the value that a column takes from its request, if it does."""
        type_, text = row.columns[column]
        if type_ == "uuid":
            return self._ids.get(text or "")
        if row.table == "event" and column == "hash":
            return "hash"
        return self._words.get(text or "")

    def values(self, new: Fresh, number: str) -> dict[str, Any]:
        """Return the values of all places for one request."""
        phone = f"+86{new.phone}"
        words = {"serial": new.serial, "phone": phone, "national": new.phone, "last": phone[-4:]}
        ids = {place: uuid4() for place in self._ids.values()}
        return words | ids | {"number": number, "key": new.key, "hash": secrets.token_bytes(32)}

    def _first(self, table: str) -> dict[str, tuple[str, str | None]]:
        return next(row.columns for row in self.rows if row.table == table)

    def _new_ids(self) -> dict[str, str]:
        own = [row for row in self.rows if "id" in row.columns]
        return {str(row.columns["id"][1]): f"id {row.table}" for row in own}


def written_by_hand(template: Template, tenant: str) -> tuple[str, list[str]]:
    """Return one statement that binds the tenant and writes all rows, and its parameters' names."""
    places: list[str] = []
    parts = [f"c AS MATERIALIZED (SELECT set_config('app.tenant_id', '{tenant}', true) s)"]
    for nth, row in enumerate(template.rows):
        columns = ", ".join(row.columns)
        values = ", ".join(_value(template, row, column, places) for column in row.columns)
        write = f"INSERT INTO {row.table} ({columns}) SELECT {values} FROM c WHERE s IS NOT NULL"
        if row.table == "order_sequence":
            write += " ON CONFLICT (tenant_id, day) DO UPDATE SET last = order_sequence.last + 1"
        parts.append(f"new_{nth} AS ({write})")
    return f"WITH {', '.join(parts)} SELECT s FROM c", places


def _value(template: Template, row: Row, column: str, places: list[str]) -> str:
    type_, text = row.columns[column]
    place = template.place(row, column)
    if place is not None:
        if place not in places:
            places.append(place)
        return f"${places.index(place) + 1}::{type_}"
    if text is None:
        return "NULL"
    escaped = text.replace("'", "''")
    return f"'{escaped}'::{type_}"


def asked_of_postgraphile(template: Template) -> tuple[str, list[tuple[str, Row]]]:
    """Return a mutation that creates the rows one by one, and which variable stands for which."""
    rows = [(f"r{nth}", row) for nth, row in enumerate(_rows_by_create(template))]
    heads = ", ".join(f"${name}: {_type(row.table)}Input!" for name, row in rows)
    fields = "\n".join(
        f"  {name}: create{_type(row.table)}(input: {{{_field(row.table)}: ${name}}})"
        " { clientMutationId }"
        for name, row in rows
    )
    return f"mutation Intake({heads}) {{\n{fields}\n}}", rows


def variables_of_postgraphile(
    template: Template, rows: list[tuple[str, Row]], number: str
) -> dict[str, Any]:
    """Return the variables of one intake as PostGraphile takes them."""
    values = template.values(fresh(), number)
    return {name: _as_json(template, row, values) for name, row in rows}


def _rows_by_create(template: Template) -> list[Row]:
    # The day's sequence is an update of a row that is there; leaving it out only helps PostGraphile.
    return [row for row in template.rows if row.table != "order_sequence"]


def _as_json(template: Template, row: Row, values: dict[str, Any]) -> dict[str, Any]:
    given = {}
    for column, (type_, text) in row.columns.items():
        place = template.place(row, column)
        value = values[place] if place is not None else text
        given["rowId" if column == "id" else _field(column)] = _plain(type_, value)
    return given


def _plain(type_: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if not isinstance(value, str):
        return value
    readers: dict[str, Callable[[str], Any]] = {
        "jsonb": json.loads,
        "bytea": lambda text: base64.b64encode(bytes.fromhex(text[2:])).decode(),
        "boolean": lambda text: text in {"t", "true"},
        "text[]": lambda text: [word for word in text.strip("{}").split(",") if word],
        "timestamp with time zone": lambda text: (
            datetime.fromisoformat(text).astimezone(UTC).isoformat()
        ),
    }
    return readers.get(type_, str)(value)


def _type(table: str) -> str:
    name = "customer_word" if table == "customer_words" else table
    return "".join(word.title() for word in name.split("_"))


def _field(name: str) -> str:
    singular = "customer_word" if name == "customer_words" else name
    first, *rest = singular.split("_")
    return first + "".join(word.title() for word in rest)
