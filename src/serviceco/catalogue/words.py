"""The vocabulary of the registers: what a scan may be, and the categories every tenant has."""

from enum import StrEnum
from uuid import UUID

import msgspec


class ScanKind(StrEnum):
    """What a scanned or typed code stands for."""

    ORDER = "order"
    IMEI = "imei"
    MEID = "meid"
    MODEL = "model"
    SERIAL = "serial"
    UNKNOWN = "unknown"


class ScanProblem(StrEnum):
    """Why a code was not understood; the counter shows it beside the code."""

    EMPTY = "empty"
    ORDER_CHECK_DIGIT = "order_check_digit"
    IMEI_CHECK_DIGIT = "imei_check_digit"
    NOT_A_CODE = "not_a_code"


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A classified scan. `code` is normalised; for an unknown one it is what was read."""

    kind: ScanKind
    code: str
    problem: ScanProblem | None = None


class ModelWord(msgspec.Struct, frozen=True, kw_only=True):
    """A brand's model as it enters the register; the columns are those of `ProductModel`."""

    code: str
    brand_id: UUID
    category_id: UUID
    name: str
    serial_pattern: str | None = None
    tac_prefixes: tuple[str, ...] = ()
    gtin: str | None = None


class CategoryWord(msgspec.Struct, frozen=True):
    """A category: our code, its id in the Open Repair Data Standard, its name in three languages."""

    code: str
    ords_id: int
    en: str
    zh_hans: str
    zh_hant: str
    takes_imei: bool = False

    @property
    def names(self) -> dict[str, str]:
        """The names as the registers store them."""
        return {"zh_hans": self.zh_hans, "zh_hant": self.zh_hant, "en": self.en}


# Ids: Open Repair Data Standard 0.3, product categories.
ORDS_CATEGORIES = (
    CategoryWord(
        "air_conditioner", 1, "Air conditioner or dehumidifier", "空调、除湿机", "冷氣、除濕機"
    ),
    CategoryWord("charger", 2, "Battery, charger or adapter", "电池、充电器", "電池、充電器"),
    CategoryWord("decorative_lights", 3, "Decorative lights", "装饰灯", "裝飾燈"),
    CategoryWord("desktop", 4, "Desktop computer", "台式电脑", "桌上型電腦"),
    CategoryWord("compact_camera", 5, "Compact camera", "小型数码相机", "輕便數位相機"),
    CategoryWord("video_camera", 6, "SLR or video camera", "单反、摄像机", "單眼相機、攝影機"),
    CategoryWord("fan", 7, "Fan", "电风扇", "電風扇"),
    CategoryWord("flat_screen", 8, "Flat screen", "平板电视、显示器", "液晶電視、螢幕"),
    CategoryWord("beauty_device", 9, "Hair and beauty device", "美发美容电器", "美髮美容電器"),
    CategoryWord("handheld_player", 10, "Handheld entertainment", "掌上影音设备", "掌上型影音裝置"),
    CategoryWord("headphones", 11, "Headphones", "耳机", "耳機"),
    CategoryWord("hifi_system", 12, "Hi-fi system", "组合音响", "組合音響"),
    CategoryWord("hifi_separate", 13, "Hi-fi separate", "音响单元", "音響單體"),
    CategoryWord("kettle", 14, "Kettle", "电水壶", "快煮壺"),
    CategoryWord("lamp", 15, "Lamp", "灯具", "燈具"),
    CategoryWord("laptop", 16, "Laptop", "笔记本电脑", "筆記型電腦"),
    CategoryWord("large_appliance", 17, "Large appliance", "大家电", "大型家電"),
    CategoryWord("misc", 18, "Other", "其他", "其他"),
    CategoryWord("phone", 19, "Mobile phone", "手机", "手機", takes_imei=True),
    CategoryWord("musical_instrument", 20, "Musical instrument", "电子乐器", "電子樂器"),
    CategoryWord("paper_shredder", 21, "Paper shredder", "碎纸机", "碎紙機"),
    CategoryWord("pc_accessory", 22, "PC accessory", "电脑配件", "電腦週邊"),
    CategoryWord("portable_radio", 23, "Portable radio", "便携收音机", "可攜式收音機"),
    CategoryWord("power_tool", 24, "Power tool", "电动工具", "電動工具"),
    CategoryWord("printer", 25, "Printer or scanner", "打印机、扫描仪", "印表機、掃描器"),
    CategoryWord("projector", 26, "Projector", "投影仪", "投影機"),
    CategoryWord("sewing_machine", 27, "Sewing machine", "缝纫机", "縫紉機"),
    CategoryWord("small_appliance", 28, "Small household appliance", "小家电", "小家電"),
    CategoryWord("small_kitchen", 29, "Small kitchen appliance", "厨房小家电", "廚房小家電"),
    CategoryWord("tablet", 30, "Tablet", "平板电脑", "平板電腦"),
    CategoryWord("toaster", 31, "Toaster", "烤面包机", "烤麵包機"),
    CategoryWord("toy", 32, "Toy", "玩具", "玩具"),
    CategoryWord("tv_accessory", 33, "TV or gaming accessory", "电视、游戏配件", "電視、遊戲配件"),
    CategoryWord("vacuum", 34, "Vacuum cleaner", "吸尘器", "吸塵器"),
    CategoryWord("clock", 35, "Watch or clock", "钟表", "鐘錶"),
    CategoryWord("coffee_maker", 36, "Coffee maker", "咖啡机", "咖啡機"),
    CategoryWord("food_processor", 37, "Food processor", "食物料理机", "食物調理機"),
    CategoryWord("games_console", 38, "Games console", "游戏机", "遊戲主機"),
    CategoryWord("hair_dryer", 39, "Hair dryer", "电吹风", "吹風機"),
    CategoryWord("iron", 40, "Iron", "电熨斗", "電熨斗"),
)
