"""The rows of a policy as sentences: terms of cover, and when the promise does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serviceco.core.catalogues import sentence
from serviceco.web.decisions import coded
from serviceco.web.formats import in_language

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TermRow:
    """How long a component of a category is covered; `months` by kind of line, in words."""

    rule: str
    clause: str
    category: str
    component: str
    months: str
    law: str


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """When the promise does not hold, who pays then, and what has to prove it."""

    rule: str
    clause: str
    when: str
    reason: str
    payer: str
    evidence: str


def term_rows(document: Document, categories: Document, language: str) -> list[TermRow]:
    """Return the terms in the order of the pack, the whole unit of a category first.

    `categories` are the names of categories by their codes.
    """
    rows = []
    for category, cover in document["coverage"].items():
        terms = [("", cover["whole"]), *cover["components"].items()]
        for component, term in terms:
            rows.append(
                TermRow(
                    rule=term["rule"],
                    clause=_clause(document, term["clause"], language),
                    category=_named(categories.get(category), category, language),
                    component=coded(language, "component", component)
                    if component
                    else sentence(language, "policy.whole_unit"),
                    months=_months(term, language),
                    law=cover.get("law") or "",
                )
            )
    return rows


def exclusion_rows(document: Document, language: str) -> list[ExclusionRow]:
    """Return the exclusions in the order in which they are tried."""
    return [
        ExclusionRow(
            rule=row["rule"],
            clause=_clause(document, row["clause"], language),
            when=_joined(
                [
                    _condition(document, fact, condition, language)
                    for fact, condition in row["when"].items()
                ],
                language,
                "policy.and",
            ),
            reason=coded(language, "reason", row["reason"]),
            payer=coded(language, "payer", row["payer"]),
            evidence=_joined(
                [coded(language, "policy.evidence", kind) for kind in row["evidence"]], language
            ),
        )
        for row in document["exclusions"]
    ]


def _named(names: Document | None, code: str, language: str) -> str:
    return in_language(names, language) if names else code


def _months(term: Document, language: str) -> str:
    if term["consumable"]:
        return coded(language, "reason", "r_consumable")
    parts = [
        sentence(
            language,
            "policy.kind_months",
            kind=sentence(language, f"line_kind.{kind}"),
            months=months,
        )
        for kind, months in term["months"].items()
    ]
    return _joined(parts, language)


def _condition(document: Document, fact: str, condition: Document, language: str) -> str:
    name = sentence(language, f"policy.fact.{fact}")
    for how in ("one_of", "none_of"):
        if codes := condition[how]:
            words = _joined([_word(document, fact, code, language) for code in codes], language)
            return sentence(language, f"policy.when.{how}", fact=name, words=words)
    low, high = condition["at_least"], condition["at_most"]
    how = "between" if None not in (low, high) else "at_most" if low is None else "at_least"
    return sentence(language, f"policy.when.{how}", fact=name, low=low, high=high)


def _word(document: Document, fact: str, code: str, language: str) -> str:
    if fact == "finding" and code in document["findings"]:
        return in_language(document["findings"][code], language)
    return coded(language, fact, code)


def _clause(document: Document, number: str, language: str) -> str:
    return f"{number} {in_language(document['clauses'][number], language)}"


def _joined(parts: Sequence[str], language: str, between: str = "list.comma") -> str:
    return sentence(language, between).join(parts)
