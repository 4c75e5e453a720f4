"""What one coverage decision with its trace costs. Last changed 2026-11-22."""

import time
from statistics import median

from serviceco.core.places import project_folder
from serviceco.policy.packs import read_law, read_policy
from serviceco.policy.rules import compile_law, compile_policy, decide_coverage
from tests.bench.reference import reference_seconds

ROUNDS = 9
TIMES = 400
MOST_REFERENCES = 5.0


def bench_decisions() -> dict[str, float]:
    """Decide the cases of a demo pack over and over, in turns with the fixed reference."""
    tenants = project_folder("tenants")
    policy = compile_policy(read_policy(tenants / "qinghe/brands/xinghe.yaml"))
    law = compile_law(read_law(tenants / "_law/cn-sanbao-phone.yaml"))
    facts = [case.facts for case in policy.policy.tests]
    decisions, references = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(TIMES):
            for one in facts:
                decide_coverage(policy, law, one)
        decisions.append((time.perf_counter() - began) / TIMES / len(facts))
        references.append(reference_seconds())
    return {
        "microseconds": round(median(decisions) * 1e6, 1),
        "of_reference": round(median(decisions) / median(references), 2),
        "of_reference_at_most": MOST_REFERENCES,
    }
