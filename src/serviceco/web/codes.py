"""Bar codes as inline SVG: sizes in millimetres, every module whole dots of a 203 dpi printer.

A 203 dpi head puts 8 dots on a millimetre, so modules are multiples of 0.125 mm: 0.25 mm for
Code 128 (2 dots), 0.5 mm for QR (4 dots); quiet zones are part of the drawing (ui.md 0.8, 2.11).
"""

import segno
from barcode.codex import Code128
from markupsafe import Markup

DOT_MM = 0.125
_CODE128_MODULE_MM = 0.25
_CODE128_QUIET_MODULES = 10  # ISO/IEC 15417: at least ten modules on each side
_QR_MODULE_MM = 0.5
_QR_QUIET_MODULES = 4  # ISO/IEC 18004: four modules on every side


def code128_svg(digits: str, *, height_mm: float = 10.0) -> Markup:
    """Return Code 128 of an even number of digits, in set C: two digits to a symbol.

    Twelve digits take 101 modules, 25.25 mm and with quiet zones 30.25 mm.

    Raises:
        ValueError: the text is not an even number of digits.
    """
    if not (digits.isascii() and digits.isdigit()) or len(digits) % 2:
        raise ValueError(f"{digits!r} is not an even number of digits")
    bars = Code128(digits).build()[0]
    modules = len(bars) + 2 * _CODE128_QUIET_MODULES
    runs = _runs(bars, _CODE128_QUIET_MODULES)
    path = "".join(f"M{x} 0h{length}v1h-{length}z" for x, length in runs)
    width = modules * _CODE128_MODULE_MM
    return _svg(path, digits, (width, height_mm), (modules, 1))


def qr_svg(text: str) -> Markup:
    """Return a QR code of error level M; 42 bytes fit version 3: 29 modules, 18.5 mm in all."""
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    size = len(matrix) + 2 * _QR_QUIET_MODULES
    path = "".join(
        f"M{x} {row + _QR_QUIET_MODULES}h{length}v1h-{length}z"
        for row, cells in enumerate(matrix)
        for x, length in _runs("".join("1" if cell else "0" for cell in cells), _QR_QUIET_MODULES)
    )
    side = size * _QR_MODULE_MM
    return _svg(path, text, (side, side), (size, size))


def _runs(cells: str, offset: int) -> list[tuple[int, int]]:
    """Return start and length of every run of dark cells."""
    runs: list[tuple[int, int]] = []
    for place, cell in enumerate(cells):
        if cell != "1":
            continue
        if runs and sum(runs[-1]) == place + offset:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place + offset, 1))
    return runs


def _svg(path: str, label: str, size_mm: tuple[float, float], cells: tuple[int, int]) -> Markup:
    width, height = (f"{side:g}mm" for side in size_mm)
    return Markup(
        '<svg class="code" role="img" aria-label="{label}" width="{width}" height="{height}" '
        'viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        '<path d="{path}"/></svg>'
    ).format(label=label, width=width, height=height, columns=cells[0], rows=cells[1], path=path)
