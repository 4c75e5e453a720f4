"""Whether a serial may stand on an order."""

from serviceco.catalogue.rules import fits_pattern, is_imei, is_meid, looks_like_imei


def find_serial_fault(
    serial: str, *, takes_imei: bool, pattern: str | None, is_excused: bool
) -> str | None:
    """Return what is wrong with a normalised serial, or None.

    A device whose serial is its IMEI (or MEID) needs a right one. Any other serial must fit its
    model's pattern, or at least not look like an IMEI with a wrong digit, unless it is excused.
    """
    if takes_imei:
        is_right = is_imei(serial) or is_meid(serial)
        return None if is_right else "This is no IMEI: fifteen digits, the last a check digit."
    if is_excused:
        return None
    if pattern is not None:
        return None if fits_pattern(serial, pattern) else "The serial does not fit this model."
    if looks_like_imei(serial) and not is_imei(serial):
        return "Fifteen digits, and the check digit is wrong."
    return None
