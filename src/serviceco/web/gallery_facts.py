"""Sample facts of the gallery, in the shape in which the API sends them."""

from typing import Any

# What a policy and a law said about one line (policy: `document_of(Decision)`).
DECISION: dict[str, Any] = {
    "payer": "customer",
    "reasons": [
        {
            "code": "r_damage",
            "clause": "4.2",
            "rule": "HX-2.3",
            "text": {
                "zh_hans": "外力造成的屏幕破裂不在保修范围",
                "zh_hant": "外力造成的螢幕破裂不在保固範圍",
                "en": "A screen broken by force is not covered",
            },
        }
    ],
    "missing": [{"what": "invoice", "rule": "HX-1.1", "finding": ""}],
    "last_covered_on": "2027-03-01",
    "start": {"kind": "activation", "on": "2026-03-02", "starts_on": "2026-03-02"},
    "floor": None,
    "remedies": [],
    "policy": {"code": "xinghe-phones", "version": "2026.3"},
    "law": None,
}

ORDER: dict[str, Any] = {
    "id": "018f0000-0000-7000-8000-00000000000b",
    "number": "261122000344",
    "status": "QUOTING",
    "coverage": "MIXED",
    "words": {"words": "屏幕不亮，充电后仍无反应", "language": "zh-Hans"},
    "symptomCodes": ["no_display"],
    "receivedAt": "2026-11-22T06:08:00+00:00",
    "promisedAt": "2026-11-22T10:00:00+00:00",
    "conditionCodes": [],
    "conditionNote": "",
    "accessories": ["充电器", "保护壳"],
    "branch": {
        "name": "人民路店",
        "address": "人民路 88 号",
        "phone": "+862150001234",
        "zone": "Asia/Shanghai",
    },
    "brand": {"name": "星河"},
    "category": {
        "symptoms": [
            {
                "code": "no_display",
                "names": {"zh_hans": "黑屏", "zh_hant": "黑屏", "en": "No display"},
            }
        ]
    },
    "customer": {"name": "王芳", "phone": "+8613812345678", "language": "zh-Hans"},
    "device": {
        "serial": "356938035643809",
        "brandPrinted": "星河",
        "modelPrinted": "X5 8+256",
        "model": None,
    },
    "decisions": [{"lineId": "1", "decision": DECISION}],
}

ORDERS: list[dict[str, Any]] = [
    ORDER,
    ORDER | {"number": "261122000353", "status": "WAITING_PARTS", "coverage": "IN_WARRANTY"},
    ORDER | {"number": "261121000117", "status": "READY", "coverage": "PAID"},
    ORDER | {"number": "261120000276", "status": "INSPECTING", "coverage": "UNDECIDED"},
]
