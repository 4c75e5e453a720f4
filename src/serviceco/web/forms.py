"""Submitted forms: fields as typed, and what is wrong with them, kept together for the answer."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from serviceco.core.money import exponent
from serviceco.web.connections import PageRequest
from serviceco.web.refused import Refused
from serviceco.web.typed_dates import parse_day

# Stands in a sentence for the label of its field, which the template alone knows.
FIELD = "{field}"
_MOST_DIGITS = 18
# Plain digits: an exponent such as 1e99999999 would be worked out digit by digit.
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{0,6})?")


@dataclass(slots=True)
class Form:
    """One form of one page, before or after submission.

    `errors` maps a field's name to its sentence; `""` holds what belongs to no single field.
    `theirs` holds what somebody else wrote meanwhile, by field. A form `is_late` where somebody
    changed the row first: `missed` says what happened, `typed` holds label and text by field.
    `labels` are those of the fields drawn so far.
    `idem` is repeated when the form comes back, so that a second try is still the same request.
    """

    values: Mapping[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    is_late: bool = False
    missed: list[str] = field(default_factory=list)
    typed: dict[str, tuple[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    idem: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    @classmethod
    def holding(cls, **values: object) -> "Form":
        """Return an unsubmitted form that shows these values."""
        return cls({name: _texts(value) for name, value in values.items()})

    def put(self, **values: object) -> None:
        """Write values into fields, as if the person had typed them."""
        self.values = {**self.values, **{name: _texts(value) for name, value in values.items()}}

    def text(self, name: str) -> str:
        """Return the field as typed, trimmed; empty where it is absent."""
        typed = self.values.get(name) or [""]
        return typed[-1].strip()

    def optional(self, name: str) -> str | None:
        """Return the field as typed, or None where it is empty."""
        return self.text(name) or None

    def texts(self, name: str) -> list[str]:
        """Return all values of a repeated field, such as ticked boxes."""
        return [text for text in self.values.get(name, []) if text.strip()]

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.texts(name))

    def number(self, name: str) -> int | None:
        """Return a whole number, or None where the field is empty or no number."""
        return whole_number(self.text(name).replace(",", ""))

    def amount(self, name: str, currency: str) -> int | None:
        """Return an amount of money in minor units, or None where the field holds no such amount."""
        typed = self.text(name).replace(",", "")
        if not _AMOUNT.fullmatch(typed):
            return None
        amount = Decimal(typed).scaleb(exponent(currency))
        return int(amount) if amount == amount.to_integral_value() else None

    def day(self, name: str, today: date) -> date | None:
        """Return the day typed in any of the accepted ways, or None."""
        return parse_day(self.text(name), today)

    def version(self) -> int | None:
        """Return the row version that the person saw (`_ver`), for the optimistic lock."""
        return whole_number(self.text("_ver").partition(".")[0])

    def events_seen(self) -> int:
        """Return how many events of the row the person saw; none where the form does not say."""
        return whole_number(self.text("_ver").partition(".")[2]) or 0

    def faulty(self) -> list[str]:
        """Return the names of `errors` in the order of the page; what is of no field comes first."""
        drawn = list(self.labels)
        return sorted(self.errors, key=lambda name: drawn.index(name) if name in drawn else -1)

    def fault(self, name: str, *, named: bool = False) -> str:
        """Return what is wrong with a field; `named` begins with its label, unless it is in there."""
        sentence, label = self.errors[name], self.labels.get(name, "")
        if FIELD in sentence:
            return sentence.replace(FIELD, label)
        return f"{label}: {sentence}" if named and label and label not in sentence else sentence

    def refuse(self, refused: Refused) -> "Form":
        """Note a refusal beside the field that it names, or at the top of the form."""
        self.is_late = self.is_late or refused.code == "ORDER_CHANGED"
        name = refused.field if refused.field and refused.field in self.values else ""
        self.errors[name] = refused.message
        return self

    def clash(self, **current: object) -> "Form":
        """Note what the row holds now, beside every field where the person typed something else.

        Shown with the row's new version in `_ver`, the form may be sent again as it is.
        """
        for name, value in current.items():
            texts = _texts(value)
            if texts != self.texts(name):
                self.theirs[name] = ", ".join(texts)
        return self

    def refuse_in(self, refused: Refused, name: str) -> "Form":
        """Note a refusal beside a field that the API knows by another name."""
        self.errors[name if name in self.values else ""] = refused.message
        return self

    def require(self, message: str, *names: str) -> bool:
        """Note `message` beside every empty field among `names`; tell whether none was empty."""
        for name in names:
            if not self.texts(name):
                self.errors[name] = message
        return not self.errors


def whole_number(typed: str) -> int | None:
    """Return a whole number of up to 18 digits, or None; Python reads no more than 4,300."""
    digits = typed.removeprefix("-")
    return int(typed) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


async def submitted_form(request: PageRequest) -> Form:
    """Read the request's form; an empty one for a GET."""
    if request.method == "GET":
        return Form()
    sent = await request.form()
    values = {name: [str(text) for text in sent.getall(name)] for name in sent}
    form = Form({name: texts for name, texts in values.items() if name != "_csrf"})
    form.idem = form.text("_idem") or form.idem
    return form


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple | set | frozenset):
        return [str(part) for part in value]
    return [str(value)]
