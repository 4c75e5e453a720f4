"""Quotes, approvals, payments, and the hand-over that posts who owes what."""
