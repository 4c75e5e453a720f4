"""What clients send about repairs, and how it becomes the rooms' words."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from serviceco.api.plan.scalars import Int64
from serviceco.customers.words import CustomerGiven, DeviceGiven, ProofGiven
from serviceco.policy.words import LineKind, ProofKind, SaleChannel
from serviceco.repairs.words import (
    Answer,
    Intake,
    LineGiven,
    Outcome,
    PartFitted,
    ServiceMode,
    StepOutcome,
    WorkDone,
)


def _said(text: str) -> str:
    return text.strip()


@strawberry.input(description="A device as the counter knows it.")
class DeviceInput:
    """Codes of the catalogue where they are known, else what is printed."""

    category: str = strawberry.field(description="Code of its category.")
    brand: str | None = strawberry.field(default=None, description="Code of its brand, if known.")
    model: str | None = strawberry.field(default=None, description="Code of its model, if known.")
    brand_printed: str = strawberry.field(default="", description="Brand as printed on it.")
    model_printed: str = strawberry.field(default="", description="Model as printed on it.")
    serial: str | None = strawberry.field(default=None, description="Serial number or IMEI.")
    second_serial: str | None = strawberry.field(default=None, description="A second IMEI.")
    serial_override_reason: str = strawberry.field(
        default="", description="Why an odd serial number is accepted all the same."
    )
    manufactured_year: int | None = strawberry.field(
        default=None, description="Year of manufacture, if it is printed."
    )

    def given(self) -> DeviceGiven:
        """Return the room's word for it."""
        return DeviceGiven(
            category=self.category,
            brand=self.brand or None,
            model=self.model or None,
            brand_printed=_said(self.brand_printed),
            model_printed=_said(self.model_printed),
            serial=self.serial or None,
            second_serial=self.second_serial or None,
            serial_override_reason=_said(self.serial_override_reason),
            manufactured_year=self.manufactured_year,
        )


@strawberry.input(description="A dated proof of when the warranty began.")
class ProofInput:
    """A document, or the brand's activation record."""

    proof: ProofKind = strawberry.field(description="What kind of proof it is.")
    dated_on: date = strawberry.field(description="The date it states.")
    number: str = strawberry.field(default="", description="Number of the document.")
    seller: str = strawberry.field(default="", description="Who sold the device.")
    channel: SaleChannel = strawberry.field(
        default=SaleChannel.UNKNOWN, description="How it was sold."
    )
    is_verified: bool = strawberry.field(
        default=True, description="Whether staff saw the document themselves."
    )

    def given(self) -> ProofGiven:
        """Return the room's word for it."""
        return ProofGiven(
            kind=self.proof,
            dated_on=self.dated_on,
            number=_said(self.number),
            seller=_said(self.seller),
            channel=self.channel,
            is_verified=self.is_verified,
        )


@strawberry.input(description="Who brings the device.")
class CustomerInput:
    """Found again by the telephone; a name is needed the first time only."""

    phone: str = strawberry.field(description="Telephone, as said; the country is the company's.")
    name: str = strawberry.field(default="", description="Full name.")
    email: str | None = strawberry.field(default=None, description="E-mail, if given.")
    language: str | None = strawberry.field(
        default=None, description="BCP 47 tag of the language to write in."
    )

    def given(self) -> CustomerGiven:
        """Return the room's word for it."""
        return CustomerGiven(
            phone=_said(self.phone),
            name=_said(self.name),
            email=self.email or None,
            language=self.language or None,
        )


@strawberry.input(description="All that the counter takes in with a device.")
class IntakeInput:
    """One visit, as it begins."""

    branch_id: UUID = strawberry.field(description="The branch that takes it in.")
    device: DeviceInput = strawberry.field(description="The device.")
    customer: CustomerInput = strawberry.field(description="Who brings it.")
    words: str = strawberry.field(description="The customer's own words, kept verbatim.")
    words_language: str = strawberry.field(default="", description="Their language, BCP 47.")
    symptom_codes: list[str] = strawberry.field(
        default_factory=list, description="Coded symptoms of the category."
    )
    condition_codes: list[str] = strawberry.field(
        default_factory=list, description="Marks seen: scratches, dents, cracks, liquid, opened."
    )
    condition_note: str = strawberry.field(default="", description="More on the condition.")
    accessories: list[str] = strawberry.field(
        default_factory=list, description="What came with the device."
    )
    proofs: list[ProofInput] = strawberry.field(
        default_factory=list, description="Proofs of purchase."
    )
    mode: ServiceMode = strawberry.field(
        default=ServiceMode.CARRY_IN, description="How the device comes in."
    )
    location: str = strawberry.field(default="", description="Shelf or bag.")
    promised_at: datetime | None = strawberry.field(
        default=None, description="When it is promised to be ready."
    )
    again: bool = strawberry.field(
        default=False, description="Take it in although it has an open order; for managers."
    )

    def given(self) -> Intake:
        """Return the room's word for it."""
        return Intake(
            branch_id=self.branch_id,
            device=self.device.given(),
            customer=self.customer.given(),
            words=self.words,
            words_language=self.words_language,
            symptom_codes=tuple(self.symptom_codes),
            condition_codes=tuple(self.condition_codes),
            condition_note=_said(self.condition_note),
            accessories=tuple(self.accessories),
            proofs=tuple(proof.given() for proof in self.proofs),
            mode=self.mode,
            location=_said(self.location),
            promised_at=self.promised_at,
            again=self.again,
        )


@strawberry.input(description="The answer to one step of the inspection standard.")
class AnswerInput:
    """A reading may stand in for the outcome: the standard's limits decide."""

    step_code: str = strawberry.field(description="The step.")
    outcome: StepOutcome | None = strawberry.field(
        default=None, description="Pass, fail or not applicable; null where a reading decides."
    )
    reading: str | None = strawberry.field(default=None, description="Measured value, decimal.")
    finding_code: str | None = strawberry.field(
        default=None, description="Which of the step's findings it is, where it failed."
    )
    photo_id: UUID | None = strawberry.field(default=None, description="The photo that shows it.")
    note: str = strawberry.field(default="", description="Remark.")

    def given(self) -> Answer:
        """Return the room's word for it."""
        return Answer(
            step_code=self.step_code,
            outcome=self.outcome,
            reading=self.reading or None,
            finding_code=self.finding_code or None,
            photo_id=self.photo_id,
            note=_said(self.note),
        )


@strawberry.input(description="A line to propose.")
class LineInput:
    """A code of the policy's price list; name and price only where the order has no policy."""

    line: LineKind = strawberry.field(description="What it is for.")
    code: str = strawberry.field(default="", description="Part number.")
    repair_level: int | None = strawberry.field(default=None, description="Level of labour.")
    quantity: int = strawberry.field(default=1, description="How many.")
    name: str = strawberry.field(default="", description="Description, without a policy.")
    price_minor: Int64 | None = strawberry.field(
        default=None, description="Price of one in minor units, without a policy."
    )

    def given(self) -> LineGiven:
        """Return the room's word for it."""
        return LineGiven(
            line=self.line,
            code=_said(self.code),
            repair_level=self.repair_level,
            quantity=self.quantity,
            name=_said(self.name),
            price_minor=self.price_minor,
        )


@strawberry.input(description="A part that was fitted.")
class PartInput:
    """Both serials of an exchange."""

    line_id: UUID = strawberry.field(description="The line of the part.")
    new_serial: str = strawberry.field(default="", description="What went in.")
    old_serial: str = strawberry.field(default="", description="What came out.")

    def given(self) -> PartFitted:
        """Return the room's word for it."""
        return PartFitted(
            line_id=self.line_id,
            new_serial=_said(self.new_serial),
            old_serial=_said(self.old_serial),
        )


@strawberry.input(description="What was done at the bench.")
class WorkInput:
    """Fault and remedy are obligatory: nothing closes without both."""

    outcome: Outcome = strawberry.field(description="What came of it.")
    fault_note: str = strawberry.field(description="The fault as found.")
    remedy_note: str = strawberry.field(description="What was done about it.")
    labour_minutes: int = strawberry.field(description="Minutes worked.")
    parts: list[PartInput] = strawberry.field(
        default_factory=list, description="The parts that were fitted."
    )

    def given(self) -> WorkDone:
        """Return the room's word for it."""
        return WorkDone(
            outcome=self.outcome,
            fault_note=_said(self.fault_note),
            remedy_note=_said(self.remedy_note),
            labour_minutes=self.labour_minutes,
            parts=tuple(part.given() for part in self.parts),
        )
