"""What people say and write in the demo world, in the language of their company."""

from random import Random

_COMPLAINTS = {
    "zh-Hans": (
        "{}，昨天晚上突然就这样了，没摔过没进过水。",
        "{}。时好时坏，今天早上彻底不行了，急着用。",
        "上个月开始{}，重启过好几次都没用。",
        "孩子用着用着就{}了，里面有照片，千万别清掉。",
        "{}，问过客服说让我拿到网点来看。",
    ),
    "zh-Hant": (
        "{}，昨天晚上突然就這樣，沒有摔過也沒有碰到水。",
        "{}。時好時壞，今天早上完全不行了，趕著用。",
        "上個月開始{}，重開機好幾次都沒用。",
        "小孩用到一半就{}了，裡面有照片，請不要清掉。",
        "{}，客服說要我拿到服務據點來看。",
    ),
    "en": (
        "{}. It started last night, nobody dropped it or spilled anything.",
        "{} – on and off for a week, and this morning it gave up.",
        "{} since last month; I have tried everything in the booklet.",
        "{}, and the whole family is waiting for it.",
        "{}. The helpline told me to call you.",
    ),
}
_NOTES = {
    "zh-Hans": {
        "fault": "检测确认：{}",
        "replaced": "更换{}，试机正常",
        "adjusted": "调整并清洁，试机正常",
        "nothing": "全部检测项正常，未检出故障",
        "declined": "客户嫌费用高，不修",
        "cancelled": "客户当天取回",
        "failed": "复测未通过，返工",
    },
    "zh-Hant": {
        "fault": "檢測確認：{}",
        "replaced": "更換{}，測試正常",
        "adjusted": "調整並清潔，測試正常",
        "nothing": "全部檢測項目正常，未檢出故障",
        "declined": "客戶覺得費用太高，不修",
        "cancelled": "客戶當天取回",
        "failed": "複測未通過，退回重修",
    },
    "en": {
        "fault": "Confirmed: {}",
        "replaced": "Replaced {}, tested, works",
        "adjusted": "Adjusted and cleaned, tested, works",
        "nothing": "Every step passed, no fault found",
        "declined": "The price is too high for the customer",
        "cancelled": "Taken back on the same day",
        "failed": "Second test failed, back to the bench",
    },
}
_ACCESSORIES = {
    "zh-Hans": ("充电器", "数据线", "保护壳"),
    "zh-Hant": ("充電器", "傳輸線", "保護殼"),
    "en": ("charger", "cable", "case"),
}


def complaint(dice: Random, symptom: str, language: str) -> str:
    """Return a symptom as a customer tells it."""
    return dice.choice(_COMPLAINTS[language]).format(symptom)


def note(language: str, kind: str, subject: str = "") -> str:
    """Return a note of the staff."""
    return _NOTES[language][kind].format(subject)


def accessories(dice: Random, language: str) -> tuple[str, ...]:
    """Return what came along with the device; most often nothing."""
    return tuple(thing for thing in _ACCESSORIES[language] if dice.random() < 0.2)
