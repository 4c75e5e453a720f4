"""Policies and laws compiled into closures: once per version, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from serviceco.core.canonical import canonical_hash
from serviceco.policy.rules.conditions import Tests, compile_conditions
from serviceco.policy.rules.exclusions import Row, compile_exclusion
from serviceco.policy.rules.promise import Promise, compile_promise
from serviceco.policy.rules.reasons import reason_of
from serviceco.policy.words import (
    Exclusion,
    FactName,
    Law,
    Permit,
    Pinned,
    Policy,
    Reason,
    ReasonCode,
    document_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPolicy:
    """A brand's policy, ready to decide. `exclusions` are the rows that concern a category."""

    policy: Policy
    pinned: Pinned
    promise: Promise
    exclusions: Mapping[str, tuple[Row, ...]]

    def law_code(self, category: str) -> str | None:
        """Return the code of the law under which the policy puts the category."""
        cover = self.policy.coverage.get(category)
        return cover.law if cover else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledLaw:
    """A statutory floor, ready to decide."""

    law: Law
    pinned: Pinned
    promise: Promise
    permits: Mapping[ReasonCode, Permit]
    remedies: tuple[tuple[Reason, Tests], ...]


def compile_policy(policy: Policy, *, sha256: str = "") -> CompiledPolicy:
    """Compile a policy. `sha256` is that of its published document, counted here if empty."""
    rows = [(row, compile_exclusion(row, policy.clauses)) for row in policy.exclusions]
    return CompiledPolicy(
        policy=policy,
        pinned=_pin(policy, sha256),
        promise=compile_promise(policy),
        exclusions={
            category: tuple(tried for row, tried in rows if _concerns(row, category))
            for category in policy.coverage
        },
    )


def compile_law(law: Law, *, sha256: str = "") -> CompiledLaw:
    """Compile a law. `sha256` is that of its published document, counted here if empty."""
    return CompiledLaw(
        law=law,
        pinned=_pin(law, sha256),
        promise=compile_promise(law, months_after_repair=law.months_after_repair),
        permits={permit.reason: permit for permit in law.permits},
        remedies=tuple(
            (
                reason_of(remedy.reason, remedy.rule, remedy.clause, law.clauses),
                compile_conditions(remedy.when),
            )
            for remedy in law.remedies
        ),
    )


def _pin(source: Policy | Law, sha256: str) -> Pinned:
    return Pinned(
        code=source.code,
        version=source.version,
        sha256=sha256 or canonical_hash(document_of(source)),
    )


def _concerns(row: Exclusion, category: str) -> bool:
    condition = row.when.get(FactName.CATEGORY)
    if condition is None:
        return True
    return category in condition.one_of if condition.one_of else category not in condition.none_of
