"""What a line is called and what it costs each payer, by the pinned policy."""

from collections.abc import Iterable

from serviceco.policy.rules import find_labour_rate, parts_for
from serviceco.policy.words import LineKind, Payer, PayModel, Policy, Texts
from serviceco.repairs.words import LineGiven, Offer, PriceList

_TRAVEL = Texts(zh_hans="上门费", zh_hant="到府費", en="Travel")
_DIAGNOSIS = Texts(zh_hans="检测费", zh_hant="檢測費", en="Diagnosis")


def find_offer(policy: Policy, category: str, model: str, line: LineGiven) -> Offer | None:
    """Return the policy's offer for a line, or None where its lists have none."""
    pay = policy.pay
    match line.line:
        case LineKind.PART:
            return _part(policy, category, model, line.code)
        case LineKind.LABOUR:
            return _labour(policy, category, line.repair_level)
        case LineKind.TRAVEL:
            return Offer(
                code="travel",
                names=_TRAVEL,
                to_brand_minor=pay.travel_pays_minor,
                to_customer_minor=pay.travel_price_minor,
            )
        case LineKind.DIAGNOSIS:
            return Offer(
                code="diagnosis",
                names=_DIAGNOSIS,
                to_brand_minor=0,
                to_customer_minor=pay.diagnosis_price_minor,
            )


def price_list(policy: Policy, category: str, model: str) -> PriceList:
    """Return what the policy lists for a device."""
    return PriceList(
        labour=tuple(rate for rate in policy.labour if rate.category == category),
        parts=parts_for(policy, category, model=model),
        travel_price_minor=policy.pay.travel_price_minor,
        diagnosis_price_minor=policy.pay.diagnosis_price_minor,
    )


def price_to(offer: Offer, payer: Payer) -> int:
    """Return the price in minor units to that payer.

    The brand pays by contract; everybody else, the company's own goodwill too, the list price.
    """
    return offer.to_brand_minor if payer is Payer.BRAND else offer.to_customer_minor


def sums_by_payer(amounts: Iterable[tuple[Payer, int]]) -> dict[Payer, int]:
    """Return the sum of the amounts in minor units for every payer, zero where none."""
    sums = dict.fromkeys(Payer, 0)
    for payer, amount_minor in amounts:
        sums[payer] += amount_minor
    return sums


def _part(policy: Policy, category: str, model: str, number: str) -> Offer | None:
    for part in parts_for(policy, category, model=model):
        if part.part_no == number:
            return Offer(
                code=part.part_no,
                names=part.title,
                component=part.component,
                to_brand_minor=part.cost_minor if policy.pay.reimburses_parts else 0,
                to_customer_minor=part.price_minor,
            )
    return None


def _labour(policy: Policy, category: str, level: int | None) -> Offer | None:
    rate = find_labour_rate(policy, category, level) if level else None
    if rate is None:
        return None
    is_paid = policy.pay.model is PayModel.PER_REPAIR
    return Offer(
        code=f"L{rate.level}",
        names=rate.title,
        repair_level=rate.level,
        labour_minutes=rate.labour_minutes,
        to_brand_minor=rate.brand_pays_minor if is_paid else 0,
        to_customer_minor=rate.price_minor,
    )
