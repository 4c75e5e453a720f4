"""The log of an order: its events as sentences, with repetitions taken together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from serviceco.web.decisions import coded
from serviceco.web.desk import Desk

# An inspection saves answers and pictures in turns; they are told as one work.
# What may be taken back while nothing has come of it; whoever did it is asked for again below.
_UNDOABLE = frozenset(
    {
        "repair.assigned",
        "repair.inspection_started",
        "repair.parts_awaited",
        "repair.started",
    }
)
_UNDO_WITHIN = timedelta(hours=24)
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


def undo_of(desk: Desk, order: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return where the person takes their latest act back, with the version it goes with, or None."""
    latest = order["events"][-1]
    is_own = latest["actorName"] == desk.person.name
    is_late = desk.now - datetime.fromisoformat(latest["at"]) > _UNDO_WITHIN
    if latest["act"] not in _UNDOABLE or not is_own or is_late:
        return None
    return {"action": f"/orders/{order['number']}/undo", "version": order["stamp"]}


def _work(event: Mapping[str, Any]) -> tuple[str, str]:
    act = "inspection" if event["act"] in _IN_TURNS else event["act"]
    return act, event["actorName"]
