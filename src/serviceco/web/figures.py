"""Figures of a report as tiles: a value, what it rests on, and how it moved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from serviceco.web.desk import Desk
from serviceco.web.formats import (
    MISSING,
    big_count_text,
    count_text,
    duration_text,
    money_text,
    percent_text,
)

Figures = Mapping[str, Any]


class Change(NamedTuple):
    """A move against the period before; `kind` is ok or danger where the direction means that."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure; `word` is the key of its name."""

    word: str
    value: str
    note: str
    change: Change | None


def tiles(desk: Desk, now: Figures, before: Figures, error: float) -> list[Tile]:
    """Return the tiles of a period; `error` bounds the turnaround read from bins.

    A period before in which nothing happened is none to compare with.
    """
    found = [
        _count(desk, "report.received", "received", now, before),
        _count(desk, "report.closed", "orders", now, before),
        _on_time(desk, now, before),
        _turnaround(desk, "turnaroundP50Seconds", "report.tat_p50", now, before, error),
        _turnaround(desk, "turnaroundP90Seconds", "report.tat_p90", now, before, error),
        _repeats(desk, now, before),
        *_money(desk, now, before),
    ]
    if before["received"] or before["orders"]:
        return found
    return [replace(tile, change=None) for tile in found]


def span_text(seconds: float | None, language: str) -> str:
    """Return a turnaround by its two largest units."""
    return MISSING if seconds is None else duration_text(round(seconds / 60), language)


def interval_text(figures: Figures) -> str:
    """Return the 95 % interval of the repeat rate."""
    low, high = figures["repeatInterval"]
    return f"{percent_text(low)} – {percent_text(high)}"


def _count(desk: Desk, word: str, name: str, now: Figures, before: Figures) -> Tile:
    value, was = now[name], before[name]
    step = count_text(abs(value - was)) + _share(value - was, was)
    return Tile(word, big_count_text(value, desk.language), "", _change(desk, value - was, step))


def _on_time(desk: Desk, now: Figures, before: Figures) -> Tile:
    note = desk.say("report.of_promised", n=now["promised"])
    change = _points(desk, now["onTimeRate"], before["onTimeRate"], good=1)
    return Tile("kpi.on_time", percent_text(now["onTimeRate"]), note, change)


def _turnaround(
    desk: Desk, name: str, word: str, now: Figures, before: Figures, error: float
) -> Tile:
    value, was = now[name], before[name]
    if value is None:
        note = desk.say("report.unrecorded" if now["orders"] else "report.nothing")
        return Tile(word, MISSING, note, None)
    key = "report.within" if now["timed"] == now["orders"] else "report.within_timed"
    note = desk.say(
        key, error=percent_text(error), timed=now["timed"], of=count_text(now["orders"])
    )
    change = None
    if was is not None:
        step = span_text(abs(value - was), desk.language)
        # A move smaller than the bins' error is none.
        moved = 0 if abs(value - was) <= error * (value + was) else value - was
        change = _change(desk, moved, step, good=-1)
    return Tile(word, span_text(value, desk.language), note, change)


def _repeats(desk: Desk, now: Figures, before: Figures) -> Tile:
    if now["repeatRate"] is None:
        return Tile("report.repeat_rate", MISSING, desk.say("report.no_cohort"), None)
    facts = {"cohort": now["cohort"], "interval": interval_text(now)}
    note = desk.say("report.repeat_note", **facts)
    if now["isProvisional"]:
        note = f"{note} · {desk.say('report.provisional')}"
    change = _points(desk, now["repeatRate"], before["repeatRate"], good=-1)
    return Tile("report.repeat_rate", percent_text(now["repeatRate"]), note, change)


def _money(desk: Desk, now: Figures, before: Figures) -> list[Tile]:
    """Return the two businesses apart; nothing for those who may not read money."""
    found = []
    for name in ("warranty", "paid"):
        if now[name] is None:
            continue
        value, was = (int(figures[name]["amountMinor"]) for figures in (now, before))
        moved = {"amountMinor": abs(value - was), "currency": now[name]["currency"]}
        step = money_text(moved) + _share(value - was, was)
        change = _change(desk, value - was, step)
        found.append(Tile(f"report.{name}", money_text(now[name]), "", change))
    return found


def _points(desk: Desk, now: float | None, before: float | None, *, good: int) -> Change | None:
    """Return the move of a rate in percentage points."""
    if now is None or before is None:
        return None
    points = round((now - before) * 100, 1)
    return _change(desk, points, desk.say("report.points", points=abs(points)), good=good)


def _change(desk: Desk, moved: float, step: str, *, good: int = 0) -> Change:
    """Return a move with its arrow; `good` is the sign of a good one, 0 where neither is."""
    if not moved:
        return Change(desk.say("report.unchanged"), "")
    kind = "" if not good else "ok" if moved * good > 0 else "danger"
    return Change(f"{'↑' if moved > 0 else '↓'} {step}", kind)


def _share(moved: float, was: float) -> str:
    """Return the move as a share of what was; beyond tenfold it says nothing more."""
    return f" ({moved / was * 100:+.1f}%)" if was and abs(moved) < 10 * was else ""
