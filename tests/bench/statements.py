"""One statement for each read, written by hand: what LIMIT runs, and Mercurius too. Last changed 2026-11-30."""

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
SEARCH = BIND.format(
    inner="""
SELECT json_build_object('data', json_build_object('orders', json_build_object('nodes', (
  SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM (
    SELECT o.number, upper(o.status) status, upper(o.coverage) coverage, o.received_at "receivedAt",
      (SELECT row_to_json(q) FROM (SELECT d.serial,
        (SELECT row_to_json(p) FROM (SELECT m.name) p) model) q) device,
      (SELECT row_to_json(q) FROM (SELECT k.name, k.phone) q) customer
    FROM (SELECT * FROM repair_order WHERE tenant_id = $1::text::uuid AND id IN (
        SELECT order_id FROM search_key WHERE tenant_id = $1::text::uuid AND word = ANY($2::text[])
        GROUP BY order_id HAVING count(*) = cardinality($2::text[]))
      ORDER BY received_at DESC, id DESC LIMIT 20) o
    LEFT JOIN customer k ON k.tenant_id = $1::text::uuid AND k.id = o.customer_id
    LEFT JOIN device d ON d.tenant_id = $1::text::uuid AND d.id = o.device_id
    LEFT JOIN product_model m ON m.id = d.model_id
    ORDER BY o.received_at DESC, o.id DESC) r))))::text j WHERE c.s IS NOT NULL
"""
)
# By the name of its operation: the statement, and the variable that it takes beside the tenant.
READS = {
    "OrderPage": (ORDER_PAGE, "number"),
    "Board": (BOARD, "branchId"),
    "Search": (SEARCH, "search"),
}


def words_of(text: str) -> list[str]:
    """Return the words under which a text's orders are filed: Chinese by pairs of signs."""
    words = []
    for word in text.lower().split():
        pairs = [word[n : n + 2] for n in range(len(word) - 1)]
        words += pairs if word[0] > "\u2e7f" else [word]
    return words
