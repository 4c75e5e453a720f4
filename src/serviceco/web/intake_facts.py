"""What the counter types at intake, as the API takes it: pure translation, no decision."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from serviceco.web.forms import Form, whole_number

# What a clerk ticks; any other mark goes into the note.
CONDITIONS = ("scratched", "dented", "cracked", "liquid", "opened")
ACCESSORIES = ("charger", "cable", "case", "card", "box", "remote")
PROOF_KEYS = {
    "INVOICE": "f",
    "WARRANTY_CARD": "b",
    "ACTIVATION": "d",
    "REGISTRATION": "",
    "MANUFACTURE_DATE": "",
}
# The choice in the list of brands that stands for one without a contract.
OTHER_BRAND = "-"
PROMISE_DAYS = (0, 1, 3, 7)
DEFAULT_PROMISE = "3"
_LATEST_PROMISE_DAYS = 365
_IMEI_DIGITS, _TYPE_DIGITS = 15, 8
_SAME_PHONE_SECONDS = 30
# Devices are promised for the end of a counter's day.
_CLOSING = time(18)
_LAST_CALL = time(16)


def device_given(form: Form) -> dict[str, Any] | None:
    """Return the `DeviceInput`, or None while category or brand are not known."""
    brand, printed = form.text("brand"), form.text("brand_printed")
    is_other = brand == OTHER_BRAND
    if not form.text("category") or not brand or (is_other and not printed):
        return None
    return {
        "category": form.text("category"),
        "brand": None if is_other else brand,
        "model": form.optional("model"),
        "brandPrinted": printed if is_other else "",
        "modelPrinted": form.text("model_printed"),
        "serial": form.optional("serial"),
        "secondSerial": form.optional("second_serial"),
        "serialOverrideReason": form.text("serial_override_reason"),
    }


def is_second_imei(form: Form, scan: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a scanned code is the other IMEI of the phone that was scanned just before.

    Both of a phone begin with the same eight digits, the type; another type is another phone.
    """
    first, code = form.text("serial"), str(scan["code"])
    since = whole_number(form.text("scanned_at"))
    is_soon = since is not None and now.timestamp() - since <= _SAME_PHONE_SECONDS
    return (
        scan["kind"] == "IMEI"
        and is_soon
        and not form.text("second_serial")
        and len(first) == len(code) == _IMEI_DIGITS
        and first != code
        and first[:_TYPE_DIGITS] == code[:_TYPE_DIGITS]
    )


def proofs_given(form: Form, today: date) -> list[dict[str, Any]]:
    """Return the `ProofInput`s: one where a day was typed that can be read."""
    day = form.day("dated_on", today)
    if day is None:
        return []
    kind = form.text("proof") or "INVOICE"
    return [{"proof": kind, "datedOn": day.isoformat(), "number": form.text("proof_number")}]


def intake_given(
    form: Form, *, branch_id: str, zone: str, language: str, words: str, now: datetime
) -> dict[str, Any]:
    """Return the `IntakeInput`; `words` are the customer's, `language` that of the page."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return {
        "branchId": branch_id,
        "device": device_given(form),
        "customer": {
            "phone": form.text("phone"),
            "name": form.text("name"),
            "language": form.text("language") or language,
        },
        "words": words,
        "wordsLanguage": form.text("language") or language,
        "symptomCodes": form.texts("symptom_codes"),
        "conditionCodes": form.texts("condition_codes"),
        "conditionNote": form.text("condition_note"),
        "accessories": [*form.texts("accessories"), *_listed(form.text("more_accessories"))],
        "proofs": proofs_given(form, today),
        "location": form.text("location"),
        "promisedAt": promised_at(form.text("promised"), zone, now),
        "again": form.ticked("again"),
    }


def promised_at(days: str, zone: str, now: datetime) -> str | None:
    """Return the end of the counter's day, so many days from now, as UTC text."""
    later = whole_number(days)
    if later is None or not 0 <= later <= _LATEST_PROMISE_DAYS:
        return None
    here = now.astimezone(ZoneInfo(zone))
    promised = datetime.combine(here.date() + timedelta(later), _CLOSING, here.tzinfo)
    return promised.astimezone(UTC).isoformat()


def promise_choices(zone: str, now: datetime) -> list[tuple[str, datetime]]:
    """Return the choices of a promise: days from now, and the moment; today only until four."""
    here = now.astimezone(ZoneInfo(zone))
    offered = PROMISE_DAYS if here.time() < _LAST_CALL else PROMISE_DAYS[1:]
    return [
        (str(days), datetime.combine(here.date() + timedelta(days), _CLOSING, here.tzinfo))
        for days in offered
    ]


def adopt_device(
    form: Form, known: Sequence[Mapping[str, Any]], model: Mapping[str, Any] | None
) -> None:
    """Fill brand, model and category: from the device's last visit, else from its number."""
    if known:
        last = known[0]
        brand = (last["brand"] or {}).get("code")
        form.put(
            brand=brand or OTHER_BRAND,
            brand_printed="" if brand else last["brandPrinted"],
            model=(last["model"] or {}).get("code"),
            model_printed=last["modelPrinted"],
            category=last["category"]["code"],
        )
    elif model:
        form.put(brand=model["brand"], model=model["code"], category=model["category"])


def _listed(text: str) -> list[str]:
    parts = text.replace("，", ",").replace("、", ",").split(",")
    return [part.strip() for part in parts if part.strip()]
