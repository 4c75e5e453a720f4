"""The log of an order: its events as sentences, with repetitions taken together."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from serviceco.web.decisions import coded

# An inspection saves answers and pictures in turns; they are told as one work.
_IN_TURNS = frozenset({"repair.steps_answered", "repair.photo_added"})


def log_of(events: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return `{text, who, at, times}` for each run of the same act by the same person.

    The instant is that of the last of the run.
    """
    entries = []
    for (_, who), run in groupby(events, key=_work):
        together: dict[str, list[Any]] = {}
        for event in run:
            together.setdefault(event["act"], []).append(event["at"])
        entries += [
            {
                "text": coded(language, "act", act),
                "who": who,
                "at": moments[-1],
                "times": len(moments),
            }
            for act, moments in together.items()
        ]
    return entries


def _work(event: Mapping[str, Any]) -> tuple[str, str]:
    act = "inspection" if event["act"] in _IN_TURNS else event["act"]
    return act, event["actorName"]
