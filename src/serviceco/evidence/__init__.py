"""Append-only events, chained per subject so that a rewrite is seen."""
