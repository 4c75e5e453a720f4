"""Pure decisions about a repair order: steps, history, findings, serials, prices."""

from serviceco.repairs.rules.findings import findings_of, judge, missing_steps
from serviceco.repairs.rules.history import (
    REPAIRED,
    days_in_repair,
    earlier_repairs,
    find_open,
    find_repeat,
    unit_facts,
)
from serviceco.repairs.rules.offers import find_offer, price_list, price_to, sums_by_payer
from serviceco.repairs.rules.searching import (
    MOST_WORDS,
    SearchFacts,
    Span,
    search_words,
    typed_spans,
)
from serviceco.repairs.rules.serials import find_serial_fault
from serviceco.repairs.rules.steps import (
    LINES_OPEN,
    OPEN,
    TRANSITIONS,
    UNDOABLE,
    UNDONE,
    days_waiting_for_parts,
    find_obstacle,
    next_step,
    open_steps,
)

__all__ = [
    "LINES_OPEN",
    "MOST_WORDS",
    "OPEN",
    "REPAIRED",
    "TRANSITIONS",
    "UNDOABLE",
    "UNDONE",
    "SearchFacts",
    "Span",
    "days_in_repair",
    "days_waiting_for_parts",
    "earlier_repairs",
    "find_obstacle",
    "find_offer",
    "find_open",
    "find_repeat",
    "find_serial_fault",
    "findings_of",
    "judge",
    "missing_steps",
    "next_step",
    "open_steps",
    "price_list",
    "price_to",
    "search_words",
    "sums_by_payer",
    "typed_spans",
    "unit_facts",
]
