"""Pictures as cameras make them."""

from io import BytesIO

from PIL import Image

_ORIENTATION, _MAKER, _GPS, _GPS_LATITUDE = 0x0112, 0x010F, 0x8825, 2


def picture(
    width: int = 40, height: int = 30, *, kind: str = "JPEG", orientation: int = 1
) -> bytes:
    """A red picture that says where and with what it was taken."""
    return _taken(Image.new("RGB", (width, height), "red"), kind, orientation)


def heavy_picture() -> bytes:
    """A picture of 4 MB, as noisy as one of a dark workshop."""
    return _taken(Image.effect_noise((3000, 2250), 40).convert("RGB"), "JPEG", 1, quality=90)


def _taken(image: Image.Image, kind: str, orientation: int, **options: int) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_MAKER] = "Camera maker"
    exif.get_ifd(_GPS)[_GPS_LATITUDE] = (31.0, 14.0, 0.0)
    out = BytesIO()
    image.save(out, kind, exif=exif, **options)
    return out.getvalue()
