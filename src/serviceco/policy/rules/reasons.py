"""Reasons in the words of their clause, built once when a policy is compiled."""

from collections.abc import Mapping

from serviceco.policy.words import Clause, Reason, ReasonCode, Texts


def reason_of(code: ReasonCode, rule: str, clause: str, clauses: Mapping[str, Clause]) -> Reason:
    """Return the reason with the text of its clause."""
    text = clauses[clause]
    plain = Texts(zh_hans=text.zh_hans, zh_hant=text.zh_hant, en=text.en)
    return Reason(code=code, clause=clause, rule=rule, text=plain)
