"""The log of an order reads as its people remember it."""

from serviceco.core.catalogues import find_sentence
from serviceco.repairs.rules import TRANSITIONS
from serviceco.web.order_log import log_of


def test_the_turns_of_an_inspection_are_told_as_one_work() -> None:
    acts = ["repair.received", *["repair.steps_answered", "repair.photo_added"] * 3]
    events = [
        {"act": act, "actorName": "李工", "at": f"2026-11-22T04:0{minute}:00Z"}
        for minute, act in enumerate(acts)
    ]
    told = [(entry["text"], entry["times"], entry["at"][14:16]) for entry in log_of(events, "en")]
    assert told == [
        ("Device received", 1, "00"),
        ("Inspection answers saved", 3, "05"),
        ("Photo added", 3, "06"),
    ]


def test_what_another_person_does_stands_apart() -> None:
    events = [
        {"act": "repair.photo_added", "actorName": who, "at": "2026-11-22T04:00:00Z"}
        for who in ("李工", "王工", "李工")
    ]
    assert [entry["who"] for entry in log_of(events, "en")] == ["李工", "王工", "李工"]


def test_an_act_without_words_shows_its_code() -> None:
    event = {"act": "repair.never_heard_of", "actorName": "", "at": "2026-11-22T04:00:00Z"}
    assert log_of([event], "en")[0]["text"] == "repair.never_heard_of"


def test_every_step_of_an_order_has_words_for_its_act() -> None:
    acts = {transition.act for transition in TRANSITIONS.values()} | {"repair.imported"}
    assert {act for act in acts if find_sentence("zh-Hant", f"act.{act}") is None} == set()
