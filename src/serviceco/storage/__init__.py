"""PostgreSQL and files: engines, the unit of work, kinds of table, outbox, idempotency."""
