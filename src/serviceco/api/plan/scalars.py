"""Scalars of the schema, and money as the API writes it."""

import re
from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from serviceco.core.periods import is_plausible

Int64 = NewType("Int64", int)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _parse_int64(value: object) -> int:
    if not isinstance(value, str) or not value.removeprefix("-").isdecimal():
        raise GraphQLError("Int64 is written as a string of decimal digits.")
    number = int(value) if len(value) <= 20 else 1 << 63
    if not -(1 << 63) <= number < 1 << 63:
        raise GraphQLError("Int64 holds 64 bits.")
    return number


def parse_instant(value: object) -> datetime:
    """Read RFC 3339 text as an instant in UTC.

    Raises:
        GraphQLError: it is no date and time that somebody may mean, or has no offset.
    """
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise GraphQLError(f"DateTime cannot represent {str(value)[:40]!r}.") from None
    if instant.tzinfo is None:
        raise GraphQLError("DateTime needs an offset, such as Z.")
    if not is_plausible(instant):
        raise GraphQLError("DateTime lies in the years 1900 to 2199.")
    return instant.astimezone(UTC)


def parse_date(value: object) -> date:
    """Read ISO 8601 text as a day.

    Raises:
        GraphQLError: it is no day that somebody may mean.
    """
    text = str(value)
    try:
        # Python reads more than ISO 8601 here: `20261122.5` is a day to it.
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise GraphQLError(f"Date cannot represent {str(value)[:40]!r}.") from None
    if not is_plausible(day):
        raise GraphQLError("Date lies in the years 1900 to 2199.")
    return day


CONFIG = StrawberryConfig(
    disable_field_suggestions=True,
    scalar_map={
        Int64: strawberry.scalar(
            name="Int64",
            description="A signed 64-bit integer, written as a string: JSON numbers lose digits.",
            serialize=str,
            parse_value=_parse_int64,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="An instant, RFC 3339 in UTC.",
            serialize=datetime.isoformat,
            parse_value=parse_instant,
        ),
        date: strawberry.scalar(
            name="Date",
            description="A day, ISO 8601: 2026-11-22.",
            serialize=date.isoformat,
            parse_value=parse_date,
        ),
    },
)


@strawberry.type(description="An amount of money.")
class Money:
    """An amount in minor units of its currency, never a float."""

    amount_minor: Int64 = strawberry.field(description="Minor units of the currency: cents, fen.")
    currency: str = strawberry.field(description="ISO 4217 code.")
