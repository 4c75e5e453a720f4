"""A stored coverage decision as people read it: reasons, clauses, law, and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serviceco.core.catalogues import find_sentence, sentence
from serviceco.web.formats import date_text, in_language


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: its sentence, the clause in the brand's or the law's own words, and the rule."""

    code: str
    sentence: str
    clause: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody pays; `policy` and `law` name the versions that decided.

    `grounds` are the policy's reasons, `overruled` those that the law set aside, `floor` the
    law's own reason. `missing` is evidence that would change or secure the decision.
    """

    payer: str
    grounds: tuple[Ground, ...]
    floor: Ground | None
    overruled: tuple[Ground, ...]
    missing: tuple[str, ...]
    remedies: tuple[Ground, ...]
    started: str
    covered_until: str
    policy: str
    law: str


def why_of(decision: Mapping[str, Any] | None, language: str) -> Why | None:
    """Return a decision of the API (`CoverageDecision.decision`) in the reader's language."""
    if not decision:
        return None
    floor = decision["floor"]
    start = decision["start"]
    last = decision["last_covered_on"]
    return Why(
        payer=decision["payer"],
        grounds=_grounds(decision["reasons"], language),
        floor=_floor(floor, language) if floor else None,
        overruled=_grounds(floor["overruled"], language) if floor else (),
        missing=_missing(decision["missing"], language),
        remedies=_grounds(decision["remedies"], language),
        started=_started(start, language) if start else "",
        covered_until=date_text(last, language) if last else "",
        policy=_version(decision["policy"]),
        law=_version(decision["law"]),
    )


def coded(language: str, family: str, code: object) -> str:
    """Return the word for a code of a family, or the code itself where it is free text."""
    name = str(code)
    return find_sentence(language, f"{family}.{name.lower()}") or name


def _grounds(reasons: Sequence[Mapping[str, Any]], language: str) -> tuple[Ground, ...]:
    return tuple(
        Ground(
            code=reason["code"],
            sentence=coded(language, "reason", reason["code"]),
            clause=reason["clause"],
            rule=reason["rule"],
            text=in_language(reason["text"], language),
        )
        for reason in reasons
    )


def _floor(floor: Mapping[str, Any], language: str) -> Ground:
    return Ground(
        code=floor["code"],
        sentence=sentence(language, "why.floor"),
        clause=floor["clause"],
        rule=floor["rule"],
        text=in_language(floor["text"], language),
    )


def _missing(entries: Sequence[Mapping[str, Any]], language: str) -> tuple[str, ...]:
    """Return a sentence per finding; of the proofs of purchase any one would do, so they share one."""
    proofs = [entry["what"] for entry in entries if not entry["finding"]]
    wanted = [proofs] if proofs else []
    wanted += [[entry["what"]] for entry in entries if entry["finding"]]
    return tuple(
        sentence(
            language,
            "why.missing",
            evidence=" / ".join(coded(language, "evidence", what) for what in kinds),
        )
        for kinds in wanted
    )


def _started(start: Mapping[str, Any], language: str) -> str:
    kind = sentence(language, f"proof_kind.{start['kind']}")
    return f"{kind} {date_text(start['on'], language)}"


def _version(pinned: Mapping[str, Any] | None) -> str:
    return f"{pinned['code']} {pinned['version']}" if pinned else ""
