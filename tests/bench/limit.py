"""LIMIT: what one statement per request can reach in Python. Last changed 2026-11-22.

uvicorn, a bare ASGI application, an own LIFO of asyncpg connections with prepared statements, one
hand-written statement per workload, whose JSON text is sent as it is. It authenticates nobody.
"""

import json
import os
from typing import Any

import asyncpg

from serviceco.storage.engines import Role, normal_url, role_url

BIND = """
SELECT x.j FROM (SELECT set_config('app.tenant_id', $1::text, true) s OFFSET 0) c
CROSS JOIN LATERAL ({inner} OFFSET 0) x
"""
ORDER_PAGE = BIND.format(
    inner="""
SELECT json_build_object('data', json_build_object('order', (SELECT row_to_json(r) FROM (
  SELECT o.number, upper(o.status) status, upper(o.coverage) coverage,
    o.received_at "receivedAt", o.closed_at "closedAt",
    (SELECT row_to_json(q) FROM (SELECT k.name, k.phone) q) customer,
    (SELECT row_to_json(q) FROM (SELECT d.serial, d.brand_printed "brandPrinted",
      (SELECT row_to_json(p) FROM (SELECT m.code, m.name) p) model) q) device,
    (SELECT row_to_json(q) FROM (SELECT b.code, b.name) q) branch,
    (SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM (
      SELECT l.position, upper(l.line) line, l.code, l.quantity, upper(l.payer) payer,
        json_build_object('amountMinor', l.amount_minor::text, 'currency', l.currency) amount
      FROM order_line l WHERE l.tenant_id = $1::text::uuid AND l.order_id = o.id ORDER BY l.position) q) lines
  FROM repair_order o
  LEFT JOIN customer k ON k.tenant_id = $1::text::uuid AND k.id = o.customer_id
  LEFT JOIN device d ON d.tenant_id = $1::text::uuid AND d.id = o.device_id
  LEFT JOIN product_model m ON m.id = d.model_id
  LEFT JOIN branch b ON b.tenant_id = $1::text::uuid AND b.id = o.branch_id
  WHERE o.tenant_id = $1::text::uuid AND o.number = $2) r)))::text j WHERE c.s IS NOT NULL
"""
)
BOARD = BIND.format(
    inner="""
SELECT json_build_object('data', json_build_object('board', json_build_object('nodes', (
  SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM (
    SELECT o.number, upper(o.status) status, upper(o.coverage) coverage,
      o.received_at "receivedAt", o.line_count "lineCount",
      (SELECT row_to_json(q) FROM (SELECT d.serial,
        (SELECT row_to_json(p) FROM (SELECT m.name) p) model) q) device,
      (SELECT row_to_json(q) FROM (SELECT k.name) q) customer
    FROM (SELECT * FROM repair_order WHERE tenant_id = $1::text::uuid AND branch_id = $2::text::uuid
      AND closed_at IS NULL ORDER BY received_at DESC, id DESC LIMIT 50) o
    LEFT JOIN customer k ON k.tenant_id = $1::text::uuid AND k.id = o.customer_id
    LEFT JOIN device d ON d.tenant_id = $1::text::uuid AND d.id = o.device_id
    LEFT JOIN product_model m ON m.id = d.model_id
    ORDER BY o.received_at DESC, o.id DESC) r))))::text j WHERE c.s IS NOT NULL
"""
)
STATEMENTS = {"OrderPage": (ORDER_PAGE, "number"), "Board": (BOARD, "branchId")}
HEADERS = [(b"content-type", b"application/json")]
Connection = Any


class Limit:
    """The ASGI application; the tenant comes from the environment, as nobody signs in."""

    def __init__(self) -> None:
        """Open no connection yet; each is opened by the first request that finds none free."""
        self.url = normal_url(role_url(os.environ["BENCH_OWNER_URL"], Role.APP))
        self.tenant = os.environ["BENCH_TENANT"]
        self.free: list[tuple[Connection, dict[str, Any]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request of one of the two documents."""
        if scope["type"] != "http":
            return
        asked = json.loads(await _body(receive))
        name = asked["query"].split("(", 1)[0].split()[-1]
        statement, variable = STATEMENTS[name]
        connection, prepared = self.free.pop() if self.free else await self._connect()
        try:
            text = await prepared[statement].fetchval(self.tenant, asked["variables"][variable])
        finally:
            self.free.append((connection, prepared))
        body = text.encode()
        headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _connect(self) -> tuple[Connection, dict[str, Any]]:
        url = self.url
        connection = await asyncpg.connect(
            host=url.query.get("host", url.host),
            port=int(str(url.query.get("port", url.port or 5432))),
            user=url.username,
            password=str(url.password),
            database=url.database,
        )
        return connection, {s: await connection.prepare(s) for s, _ in STATEMENTS.values()}


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


app = Limit()
