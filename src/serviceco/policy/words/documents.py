"""Words as JSON documents and back: what is stored beside an order, and what is published."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from serviceco.policy.words.decision import Decision
from serviceco.policy.words.facts import Facts
from serviceco.policy.words.law import Law
from serviceco.policy.words.policy import Policy

Document = dict[str, Any]


def document_of(words: Facts | Decision | Policy | Law) -> Document:
    """Return plain JSON values: dates as ISO text, decimals as text, enums by value."""
    return cast(Document, msgspec.to_builtins(words, str_keys=True))


def facts_of(document: Mapping[str, Any]) -> Facts:
    """Read stored facts; fields that came later take their defaults."""
    return msgspec.convert(document, Facts)


def decision_of(document: Mapping[str, Any]) -> Decision:
    """Read a stored decision."""
    return msgspec.convert(document, Decision)


def policy_of(document: Mapping[str, Any]) -> Policy:
    """Read a published policy version."""
    return msgspec.convert(document, Policy)


def law_of(document: Mapping[str, Any]) -> Law:
    """Read a published law version."""
    return msgspec.convert(document, Law)
