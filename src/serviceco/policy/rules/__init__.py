"""Pure decisions: coverage of a line, sum of an order, limits, prices, objections to a claim."""

from serviceco.policy.rules.below import Short, terms_below
from serviceco.policy.rules.clock import last_covered_day
from serviceco.policy.rules.compiled import (
    CompiledLaw,
    CompiledPolicy,
    compile_law,
    compile_policy,
)
from serviceco.policy.rules.coverage import decide_coverage, decide_payer, sum_coverage
from serviceco.policy.rules.gaps import flaws_of_units, gaps_of, idle_findings
from serviceco.policy.rules.reached import RuleRow, reached, rows_of_law, rows_of_policy
from serviceco.policy.rules.regions import Names
from serviceco.policy.rules.rows import flaws_before_law, flaws_of_rows
from serviceco.policy.rules.standards import (
    claim_objections,
    find_labour_rate,
    find_part,
    is_within,
    parts_for,
)

__all__ = [
    "CompiledLaw",
    "CompiledPolicy",
    "Names",
    "RuleRow",
    "Short",
    "claim_objections",
    "compile_law",
    "compile_policy",
    "decide_coverage",
    "decide_payer",
    "find_labour_rate",
    "find_part",
    "flaws_before_law",
    "flaws_of_rows",
    "flaws_of_units",
    "gaps_of",
    "idle_findings",
    "is_within",
    "last_covered_day",
    "parts_for",
    "reached",
    "rows_of_law",
    "rows_of_policy",
    "sum_coverage",
    "terms_below",
]
