"""What a person sets for this browser: theme, density, single-key shortcuts; kept in cookies."""

from dataclasses import dataclass

from litestar.datastructures import Cookie

from serviceco.web.connections import Connection

CHOICES = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "shortcuts": ("on", "off"),
}
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices in force; the first of each is the default."""

    theme: str = "system"
    density: str = "comfortable"
    shortcuts: str = "on"


def preferences_of(connection: Connection) -> Preferences:
    """Read the choices from cookies; an unknown value counts as the default."""
    chosen = {
        name: value
        for name, values in CHOICES.items()
        if (value := connection.cookies.get(name)) in values
    }
    return Preferences(**chosen)


def lasting_cookie(name: str, value: str, *, https: bool, script: bool = False) -> Cookie:
    """Return a cookie that keeps a choice for a year; scripts read it only where they must."""
    return Cookie(
        key=name,
        value=value,
        max_age=_YEAR_SECONDS,
        secure=https,
        httponly=not script,
        samesite="lax",
    )
