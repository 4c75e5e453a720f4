"""Two people at one order: who sends second is told what happened, and keeps what they typed."""

from collections.abc import Mapping
from typing import Any

from serviceco.web.desk import Desk
from serviceco.web.formats import relative_text
from serviceco.web.forms import Form
from serviceco.web.order_log import log_of

# What is typed on an order, by its label: the form itself may be gone by now, the words are not.
_TYPED = {
    "fault_note": "work.fault",
    "remedy_note": "work.remedy",
    "labour_minutes": "work.minutes",
    "quality_note": "quality.note",
    "reason": "order.reason",
    "note": "quote.note",
    "collector": "pickup.collector",
    "amount": "pickup.amount",
    "reference": "pickup.reference",
    "dated_on": "intake.proof_day",
    "proof_number": "intake.proof_number",
    "line_name": "line.what",
    "line_price": "line.price",
}

_HARMLESS = "repair.photo_added"


def stamp_of(order: Mapping[str, Any]) -> str:
    """Return what a form of the order carries as `_ver`: its version, and how many events it has."""
    return f"{order['version']}.{len(order['events'])}"


def note_clash(desk: Desk, form: Form, order: Mapping[str, Any]) -> None:
    """Note in a form that came too late what happened since it was opened, and what it held."""
    if not form.is_late:
        return
    zone = order["branch"]["zone"]
    form.missed = [
        f"{entry['text']} · {entry['who']} · "
        f"{relative_text(entry['at'], zone, desk.language, desk.now)}"
        for entry in log_of(order["events"][form.events_seen() :], desk.language)
    ]
    form.typed = {
        name: (desk.say(label), form.text(name))
        for name, label in _TYPED.items()
        if form.text(name)
    }


def find_other(desk: Desk, form: Form, order: Mapping[str, Any]) -> bool:
    """Tell whether somebody else changed the order since the form was opened; the form is late then.

    For a page that saves as it goes: what the person did on it themselves is no clash, and a
    picture more disturbs nobody.
    """
    if form.version() is None:
        return False
    since = order["events"][form.events_seen() :]
    others = {event["actorName"] for event in since if event["act"] != _HARMLESS}
    others.discard(desk.person.name)
    if others:
        form.is_late = True
        form.errors[""] = desk.say("refusal.ORDER_CHANGED", who=since[-1]["actorName"])
    return bool(others)
