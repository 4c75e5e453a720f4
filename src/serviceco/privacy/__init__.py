"""Whom the records tell of: export, erasure, retention, and who saw what of a person and why."""
