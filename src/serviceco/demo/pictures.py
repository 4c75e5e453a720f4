"""Stand-ins for photos: the demo world has no camera."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

# Small, because each is taken apart and written anew like a real one.
_SIZE = (240, 180)
_SHADES = ("#37474f", "#455a64", "#4e342e", "#5d4037", "#263238", "#424242")


@cache
def picture_of(slot: str, variant: int) -> bytes:
    """Return a JPEG of a device seen from where the slot says; the same words, the same bytes."""
    shade = _SHADES[variant % len(_SHADES)]
    picture = Image.new("RGB", _SIZE, "#eceff1")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((60, 20, 180, 160), radius=12, fill=shade)
    pen.rectangle((70, 35, 170, 140), fill="#90a4ae")
    pen.text((75, 40), slot, fill="#102027")
    for line in range(variant % 5):
        pen.line((75 + 15 * line, 60, 95 + 12 * line, 130), fill="#102027", width=2)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
