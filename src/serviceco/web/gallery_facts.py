"""Sample facts of the gallery, in the shape in which the API sends them."""

from typing import Any

ORDER: dict[str, Any] = {
    "number": "261122000344",
    "status": "QUOTING",
    "coverage": "MIXED",
    "words": "屏幕不亮，充电后仍无反应",
    "customerLanguage": "zh-Hans",
    "receivedAt": "2026-11-22T06:08:00+00:00",
    "promisedAt": "2026-11-22T10:00:00+00:00",
    "conditionNote": "",
    "accessories": ["充电器", "保护壳"],
    "branch": {
        "name": "人民路店",
        "address": "人民路 88 号",
        "phone": "+862150001234",
        "zone": "Asia/Shanghai",
    },
    "brand": {"name": "星河"},
    "customer": {"name": "王芳", "phone": "+8613812345678"},
    "device": {
        "serial": "356938035643809",
        "brandPrinted": "星河",
        "modelPrinted": "X5 8+256",
        "model": None,
    },
    "reasons": [
        {"sentence": "在保修期内，属性能故障", "clause": "HX-2.1", "source": "三包 §7"},
        {"sentence": "外力造成的屏幕破裂不在保修范围", "clause": "HX-2.3", "source": ""},
    ],
    "policy": "HX 2026.3",
}

ORDERS: list[dict[str, Any]] = [
    ORDER,
    ORDER | {"number": "261122000353", "status": "WAITING_PARTS", "coverage": "IN_WARRANTY"},
    ORDER | {"number": "261121000117", "status": "READY", "coverage": "PAID"},
    ORDER | {"number": "261120000276", "status": "INSPECTING", "coverage": "UNDECIDED"},
]
