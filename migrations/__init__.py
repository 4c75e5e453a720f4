"""Alembic migrations and what they share."""
