"""Answers on the checklist's form, as the API takes them and as the page shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from serviceco.web.forms import Form

NOT_APPLICABLE = "NOT_APPLICABLE"
_ALL_PASS = "PASS"  # noqa: S105 - an answer, not a secret


def answered_form(results: Sequence[Mapping[str, Any]]) -> Form:
    """Return the form that shows the answers given so far."""
    typed: dict[str, object] = {}
    for result in results:
        code = result["stepCode"]
        typed[f"outcome.{code}"] = result["outcome"]
        typed[f"reading.{code}"] = result["reading"]
        typed[f"finding.{code}"] = result["findingCode"]
        typed[f"note.{code}"] = result["note"]
    return Form.holding(**typed)


def answers_given(
    form: Form, steps: Sequence[Mapping[str, Any]], order: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the `AnswerInput`s of the steps whose answer is complete and differs from before.

    With `all` pressed, every step that is passed or failed and still open passes. What a photo
    must show waits on the page until the photo is there.
    """
    before = {result["stepCode"]: result for result in order["results"]}
    slots = {photo["slot"] for photo in order["photos"]}
    given = (
        answer
        for step in steps
        if (answer := _answer(form, step)) is not None
        and (step["kind"] != "PHOTO" or step["code"] in slots)
    )
    return [answer for answer in given if _differs(answer, before.get(answer["stepCode"]))]


def _answer(form: Form, step: Mapping[str, Any]) -> dict[str, Any] | None:
    code, kind = step["code"], step["kind"]
    outcome = form.text(f"outcome.{code}")
    if not outcome and kind != "MEASURE" and form.ticked("all"):
        outcome = _ALL_PASS
        form.put(**{f"outcome.{code}": outcome})
    reading = form.text(f"reading.{code}")
    is_measured = kind == "MEASURE" and outcome != NOT_APPLICABLE
    if not (reading if is_measured else outcome):
        return None
    finding = form.optional(f"finding.{code}")
    if outcome == "FAIL" and not is_measured and len(step["findings"]) > 1 and not finding:
        return None
    return {
        "stepCode": code,
        "outcome": None if is_measured else outcome,
        "reading": reading if is_measured else None,
        "findingCode": None if outcome in {_ALL_PASS, NOT_APPLICABLE} else finding,
        "note": form.text(f"note.{code}"),
    }


def _differs(answer: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    if before is None:
        return True
    named = answer["findingCode"] in {None, before["findingCode"]}
    said = answer["outcome"] in {None, before["outcome"]} and named
    return not said or (answer["reading"], answer["note"]) != (before["reading"], before["note"])
