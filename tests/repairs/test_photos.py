from io import BytesIO

import pytest
from PIL import ExifTags, Image
from sqlalchemy import select

from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.repairs.bench import cancel_order
from serviceco.repairs.photos import MOST_BYTES, add_photo, develop, read_photo
from serviceco.repairs.words import InvalidPhoto, RepairStatus, WrongRepairStatus
from serviceco.storage.files import Files
from serviceco.storage.outbox import OutboxEntry
from tests.repairs.pictures import heavy_picture, picture
from tests.repairs.shop import NOON, Shop


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_kept_as_jpeg_under_its_hash(shop: Shop, files: Files, kind: str) -> None:
    order = await shop.received()
    photo = await add_photo(
        shop.session,
        shop.actor,
        order.number,
        files=files,
        slot="front",
        content=picture(kind=kind),
        at=NOON,
    )

    again, content = await read_photo(shop.session, shop.actor, photo.id, files=files)
    assert again.sha256 == photo.sha256
    assert (photo.media_type, photo.size_bytes) == ("image/jpeg", len(content))
    with Image.open(BytesIO(content)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (photo.width, photo.height))


def test_place_and_camera_are_gone_and_the_picture_stands_upright() -> None:
    kept = develop(picture(40, 30, orientation=6))
    assert (kept.width, kept.height) == (30, 40)
    assert b"Camera maker" not in kept.content
    with Image.open(BytesIO(kept.content)) as image:
        assert len(image.getexif()) == 0


def test_a_large_photo_is_made_smaller() -> None:
    kept = develop(picture(3200, 1000))
    assert (kept.width, kept.height) == (1600, 500)


def test_a_heavy_photo_is_kept_light_and_without_its_place() -> None:
    taken = heavy_picture()
    assert len(taken) > 4_000_000
    with Image.open(BytesIO(taken)) as before:
        assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    kept = develop(taken)
    assert (kept.width, kept.height) == (1600, 1200)
    assert len(kept.content) <= 600_000
    with Image.open(BytesIO(kept.content)) as after:
        assert not after.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>not a picture</html>",
        b"%PDF-1.7 not a picture either",
        picture()[:60],
        b"\xff\xd8\xff" + b"0" * MOST_BYTES,
        picture(8000, 7000, kind="PNG"),
    ],
    ids=["empty", "html", "pdf", "cut off", "too many bytes", "too many pixels"],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidPhoto):
        develop(content)


async def test_a_photo_needs_a_right_a_slot_and_an_open_order(shop: Shop, files: Files) -> None:
    order = await shop.received()
    both = {Permission.INSPECT_DEVICE, Permission.RECEIVE_DEVICE}
    stranger = shop.make.actor(permissions=frozenset(Permission) - both)

    async def add(slot: str = "front", *, by: object = None) -> None:
        await add_photo(
            shop.session,
            stranger if by else shop.actor,
            order.number,
            files=files,
            slot=slot,
            content=picture(),
            at=NOON,
        )

    with pytest.raises(NotPermitted):
        await add(by=stranger)
    with pytest.raises(InvalidInput):
        await add("the customer's kitchen")
    await cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)
    with pytest.raises(WrongRepairStatus):
        await add()


async def test_a_photo_of_another_branch_is_not_found(shop: Shop, files: Files) -> None:
    order = await shop.received()
    photo = await add_photo(
        shop.session,
        shop.actor,
        order.number,
        files=files,
        slot="front",
        content=picture(),
        at=NOON,
    )
    with pytest.raises(NotFound):
        await read_photo(shop.session, await shop.elsewhere(), photo.id, files=files)
    with pytest.raises(NotFound):
        await read_photo(shop.session, shop.actor, order.id, files=files)


async def test_evidence_may_come_after_the_end_by_who_claims_and_is_told(
    shop: Shop, files: Files
) -> None:
    order = await shop.ready()
    order.status = RepairStatus.CLOSED
    claims = shop.make.actor(permissions=frozenset({Permission.SUBMIT_CLAIM}))

    async def add(slot: str, by: Actor) -> None:
        await add_photo(
            shop.session, by, order.number, files=files, slot=slot, content=picture(), at=NOON
        )

    await add("signed_slip", claims)
    await add("serial_back", shop.actor)
    for slot in ("front", "serials"):
        with pytest.raises(WrongRepairStatus):
            await add(slot, shop.actor)
    with pytest.raises(NotPermitted):
        await add("front", claims)
    told = await shop.session.scalars(
        select(OutboxEntry.payload).where(
            OutboxEntry.tenant_id == order.tenant_id,
            OutboxEntry.topic == "repair.evidence_added",
        )
    )
    assert told.all() == [{"order_id": str(order.id)}] * 2
