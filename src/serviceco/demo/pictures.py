"""Stand-ins for photos: the demo world has no camera."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

_SIZE = (480, 360)
_SHADES = ("#37474f", "#455a64", "#4e342e", "#5d4037", "#263238", "#424242")


@cache
def picture_of(slot: str, variant: int) -> bytes:
    """Return a JPEG of a device seen from where the slot says; the same words, the same bytes."""
    shade = _SHADES[variant % len(_SHADES)]
    picture = Image.new("RGB", _SIZE, "#eceff1")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((120, 40, 360, 320), radius=24, fill=shade)
    pen.rectangle((140, 70, 340, 280), fill="#90a4ae")
    pen.text((150, 80), slot, fill="#102027")
    for line in range(variant % 5):
        pen.line((150 + 30 * line, 120, 190 + 25 * line, 260), fill="#102027", width=2)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
