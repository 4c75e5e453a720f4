"""Pure: understanding rows, comparing readings, counting what became of a file."""

from serviceco.exchange.rules.changes import changed_columns, has_words, kept_fields, sort_out
from serviceco.exchange.rules.names import (
    branch_code,
    brand_spelling,
    group_name,
    language_of,
    moment_of,
)
from serviceco.exchange.rules.report import Report
from serviceco.exchange.rules.rows import understand, understand_all

__all__ = [
    "Report",
    "branch_code",
    "brand_spelling",
    "changed_columns",
    "group_name",
    "has_words",
    "kept_fields",
    "language_of",
    "moment_of",
    "sort_out",
    "understand",
    "understand_all",
]
