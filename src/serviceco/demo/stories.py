"""Who brings what, when, and how it goes on: drawn by dice that fall the same for each company."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from serviceco.core.periods import local_day
from serviceco.customers.words import CustomerGiven, DeviceGiven, ProofGiven
from serviceco.demo.clocks import in_hours
from serviceco.demo.people import somebody_new
from serviceco.demo.serials import serial_of
from serviceco.demo.speech import complaint
from serviceco.policy.rules import parts_for
from serviceco.policy.words import (
    BrandPack,
    CataloguePack,
    ModelPack,
    PartOffer,
    Policy,
    ProofKind,
    SaleChannel,
    Symptom,
    TenantPack,
)
from serviceco.repairs.words import ServiceMode

DAYS_BACK = 90
PER_COMPANY = 100
# What does not fit through the branch's door is repaired where it stands.
_AT_HOME = frozenset({"washing_machine", "refrigerator", "air_conditioner", "dishwasher"})


class Trouble(StrEnum):
    """What the bench finds."""

    FAULT = "fault"
    DAMAGE = "damage"
    NOTHING = "nothing"


class Wish(StrEnum):
    """What the customer decides when they hear the price."""

    REPAIR = "repair"
    DECLINE = "decline"
    CANCEL = "cancel"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One visit of one device, before anybody has decided anything about it."""

    received_at: datetime
    branch: str
    level: int
    device: DeviceGiven
    customer: CustomerGiven
    proofs: tuple[ProofGiven, ...]
    symptom: Symptom
    words: str
    part: PartOffer | None
    trouble: Trouble
    wish: Wish
    mode: ServiceMode
    waits_for_parts: bool = False
    fails_check: bool = False
    is_forgotten: bool = False
    is_careless: bool = False
    seed: int = 0

    @property
    def is_swift(self) -> bool:
        """Whether it has certainly ended within a week, so that the device may come back."""
        slow = self.waits_for_parts or self.fails_check or self.is_forgotten
        return not slow and self.wish is Wish.REPAIR and self.trouble is Trouble.FAULT


@dataclass(frozen=True, slots=True)
class Trade:
    """What a company deals in: its own pack, its policies, and the registers that all share."""

    company: TenantPack
    policies: dict[str, Policy]
    brands: dict[str, BrandPack]
    catalogue: CataloguePack


def stories_of(trade: Trade, *, until: datetime, number: int = PER_COMPANY) -> list[Story]:
    """Return the company's visits of the last ninety days, oldest first; exactly `number`."""
    dice = Random(trade.company.slug)  # noqa: S311 - a world that everybody sees alike
    stories: list[Story] = []
    for position in range(number):
        at = _moment(dice, trade.company.zone, until)
        fresh = _first_visit(dice, trade, at)
        stories.append(replace(fresh, seed=position))
    return sorted(_with_returns(dice, stories, until), key=lambda story: story.received_at)


def _moment(dice: Random, zone: str, until: datetime) -> datetime:
    # A third of the visits is of the last days: boards show what is open now.
    days = dice.uniform(0.1, 5) if dice.random() < 0.34 else dice.uniform(5, DAYS_BACK)
    at = in_hours(until - timedelta(days=days), zone, dice)
    return at if at < until else at - timedelta(days=1)


def _first_visit(dice: Random, trade: Trade, at: datetime) -> Story:
    branch, brand, level = _place(dice, trade.company, local_day(at, trade.company.zone))
    policy = trade.policies[brand]
    model = _model(dice, trade.brands[brand], policy)
    category = next(c for c in trade.catalogue.categories if c.code == model.category)
    symptom = dice.choice(category.symptoms)
    trouble = dice.choices(list(Trouble), (86, 8, 6))[0]
    parts = parts_for(policy, model.category, model=model.code)
    language = trade.company.language
    return Story(
        received_at=at,
        branch=branch,
        level=min(level, _highest(policy, model.category)),
        device=DeviceGiven(
            category=model.category,
            brand=brand,
            model=model.code,
            serial=serial_of(dice, model, takes_imei=category.takes_imei),
        ),
        customer=somebody_new(dice, trade.company.country, language),
        proofs=_proofs(dice, policy, local_day(at, trade.company.zone)),
        symptom=symptom,
        words=complaint(dice, symptom.title.in_language(language), language),
        part=dice.choice(parts) if parts and dice.random() < 0.75 else None,
        trouble=trouble,
        wish=dice.choices(list(Wish), (78, 11, 5, 6))[0],
        mode=_mode(dice, model.category),
        waits_for_parts=dice.random() < 0.12,
        fails_check=dice.random() < 0.05,
        is_forgotten=dice.random() < 0.05,
        is_careless=dice.random() < 0.12,
    )


def _place(dice: Random, company: TenantPack, on: date) -> tuple[str, str, int]:
    """Return a branch, a brand that it may serve on the day, and up to which repair level."""
    codes = [branch.code for branch in company.branches]
    # The first branches are the busy ones.
    branch = dice.choices(codes, [len(codes) + 1 - place for place in range(len(codes))])[0]
    allowed = [
        (contract.brand, authorised.repair_level)
        for contract in company.contracts
        for authorised in contract.branches
        if authorised.branch == branch
        and contract.since <= on
        and (contract.until is None or on < contract.until)
    ]
    brand, level = dice.choice(allowed)
    return branch, brand, level


def _model(dice: Random, brand: BrandPack, policy: Policy) -> ModelPack:
    served = {rate.category for rate in policy.labour} & set(policy.inspection)
    return dice.choice([model for model in brand.models if model.category in served])


def _highest(policy: Policy, category: str) -> int:
    return max(rate.level for rate in policy.labour if rate.category == category)


def _mode(dice: Random, category: str) -> ServiceMode:
    if category in _AT_HOME:
        return ServiceMode.ON_SITE
    return dice.choices((ServiceMode.CARRY_IN, ServiceMode.MAIL_IN), (9, 1))[0]


def _proofs(dice: Random, policy: Policy, today: date) -> tuple[ProofGiven, ...]:
    """Three in four devices are young; the rest is past every promise, or nobody can tell."""
    age = dice.choices(("young", "old", "unknown"), (78, 17, 5))[0]
    if age == "unknown":
        return ()
    days = dice.randrange(20, 330) if age == "young" else dice.randrange(1_200, 1_900)
    kinds = [start.proof for start in policy.start if start.proof is not ProofKind.MANUFACTURE_DATE]
    proof = ProofGiven(
        kind=dice.choice(kinds),
        dated_on=today - timedelta(days=days),
        number=f"{dice.randrange(10**8):08d}",
        channel=dice.choice((SaleChannel.DEALER, SaleChannel.ONLINE, SaleChannel.MANUFACTURER)),
    )
    return (proof,)


def _with_returns(dice: Random, stories: Sequence[Story], until: datetime) -> list[Story]:
    """Let one visit in twelve be a device that was repaired here some weeks before."""
    by_age = sorted(stories, key=lambda story: story.received_at)
    old = [
        story for story in by_age if story.is_swift and story.received_at < until - timedelta(40)
    ]
    returned = {}
    for first in old[::4][:8]:
        fitting = (
            story
            for story in by_age
            if story.seed not in returned
            and story.received_at > first.received_at + timedelta(days=20)
            and story.branch == first.branch
        )
        later = next(fitting, None)
        if later is None:
            continue
        returned[later.seed] = replace(
            later,
            device=first.device,
            customer=first.customer,
            proofs=(),
            symptom=first.symptom,
            words=first.words,
            part=first.part,
            level=first.level,
            mode=first.mode,
            trouble=Trouble.FAULT,
            wish=Wish.REPAIR,
            waits_for_parts=False,
        )
    return [returned.get(story.seed, story) for story in stories]
