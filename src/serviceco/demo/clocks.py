"""The hours at which a branch works, and a clock that stops at the present."""

from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

_OPENS, _CLOSES = time(9), time(19)


class NotYet(Exception):  # noqa: N818 - the story goes on tomorrow; nothing went wrong
    """The next thing of a story lies in the future."""


class Clock:
    """Tells when the next thing of a story happened."""

    def __init__(self, now: datetime, zone: str, until: datetime, dice: Random) -> None:
        """Start at the intake; `until` is the present."""
        self.now = now
        self._zone = zone
        self._until = until
        self._dice = dice

    def later(self, least_hours: float, most_hours: float) -> datetime:
        """Move on by a while, to an hour at which the branch is open.

        Raises:
            NotYet: that is after the present.
        """
        after = self.now + timedelta(hours=self._dice.uniform(least_hours, most_hours))
        then = max(in_hours(after, self._zone, self._dice), after)
        if then >= self._until:
            raise NotYet
        self.now = then
        return then


def in_hours(at: datetime, zone: str, dice: Random) -> datetime:
    """Return the instant itself if the branch is open then, else one of the next working hours."""
    local = at.astimezone(ZoneInfo(zone))
    if _OPENS <= local.time() < _CLOSES:
        return at
    day = local.date() + timedelta(days=1 if local.time() >= _CLOSES else 0)
    opening = datetime.combine(day, _OPENS, ZoneInfo(zone)).astimezone(at.tzinfo)
    return opening + timedelta(minutes=dice.randrange(5, 150))
