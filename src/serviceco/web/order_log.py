"""The log of an order: its events as sentences, with repetitions taken together."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from serviceco.web.decisions import coded


def log_of(events: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Return `{text, who, at, times}` for each run of the same act by the same person.

    The instant is that of the last of the run.
    """
    entries = []
    for (act, who), run in groupby(events, key=lambda event: (event["act"], event["actorName"])):
        together = list(run)
        entries.append(
            {
                "text": coded(language, "act", act),
                "who": who,
                "at": together[-1]["at"],
                "times": len(together),
            }
        )
    return entries
