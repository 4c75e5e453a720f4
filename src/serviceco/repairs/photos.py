"""Photos of a device: taken apart, made smaller, written anew, and kept under their hash."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

import puremagic
from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.evidence.operations import record
from serviceco.repairs.queries import get_order, get_order_by_id
from serviceco.repairs.rules import OPEN
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import InvalidPhoto, RepairStatus, WrongRepairStatus
from serviceco.repairs.work_tables import Photo
from serviceco.storage.files import Files
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of

MEDIA_TYPE = "image/jpeg"
MOST_BYTES = 15_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
# The first quality that keeps a picture within its size; a noisy one has to give up some of it.
KEPT_BYTES = 600_000
_QUALITIES = (85, 75, 60, 40)
# What a brand may ask to see with a claim; it may still come when the device has left.
EVIDENCE_SLOTS = ("serial", "fault", "signed_slip", "defective_part")
# A code, not words: the step of a standard, or a side of the device.
_SLOT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_READ = {".jpg", ".jpeg", ".jfif", ".png", ".webp"}
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we keep it: JPEG, upright, without any metadata."""

    content: bytes
    width: int
    height: int


async def add_photo(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    files: Files,
    slot: str,
    content: bytes,
    at: datetime,
) -> Photo:
    """Keep a photo of an open order in a named slot; evidence for a claim, of a closed one too.

    It is written anew as JPEG, at most 1600 pixels long and 600 kB heavy: place, time and device of the camera
    are gone. The file is there before the row, so a row never lacks its file.

    Raises:
        NotPermitted: the actor neither takes devices in nor inspects them, nor claims by evidence.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order has ended.
        InvalidPhoto: not a JPEG, PNG or WebP picture, or too large.
    """
    _require_right(actor, slot)
    if not _SLOT.fullmatch(slot):
        raise InvalidInput("Say what the photo shows.", field="slot")
    order = await get_order(session, actor, number, lock=True)
    _require_open(order, slot)
    picture = await asyncio.to_thread(develop, content)
    digest = await files.put(order.tenant_id, picture.content)
    photo = Photo(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        slot=slot,
        sha256=digest,
        media_type=MEDIA_TYPE,
        size_bytes=len(picture.content),
        width=picture.width,
        height=picture.height,
        taken_at=at,
        taken_by=actor.account_id,
    )
    session.add(photo)
    await record(
        session, actor, "repair.photo_added", order, at=at, photo_id=photo.id, sha256=digest
    )
    if order.status is RepairStatus.CLOSED:
        await send(session, "repair.evidence_added", {"order_id": order.id}, at=at)
    await session.flush()
    return photo


async def read_photo(
    session: AsyncSession, actor: Actor, photo_id: UUID, *, files: Files
) -> tuple[Photo, bytes]:
    """Return a photo and its JPEG.

    Raises:
        NotPermitted: the actor does not read orders.
        NotFound: no such photo in the actor's scope.
    """
    actor.require(Permission.READ_ORDERS)
    photo = await session.scalar(
        select(Photo).where(Photo.tenant_id == tenant_of(session), Photo.id == photo_id)
    )
    if photo is None:
        raise NotFound("There is no such photo.")
    await get_order_by_id(session, actor, photo.order_id)
    return photo, await files.get(photo.tenant_id, photo.sha256)


def develop(content: bytes) -> Picture:
    """Return the picture as we keep it. The size is read from its head before it is unpacked.

    Raises:
        InvalidPhoto: not a JPEG, PNG or WebP picture, or too large.
    """
    if len(content) > MOST_BYTES:
        raise InvalidPhoto("The photo is larger than 15 MB.", field="content")
    if _kind_of(content) not in _READ:
        raise InvalidPhoto("Only JPEG, PNG and WebP pictures are kept.", field="content")
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InvalidPhoto("The photo has too many pixels.", field="content")
            return _write(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise InvalidPhoto("The picture is damaged.", field="content") from error


def _kind_of(content: bytes) -> str:
    try:
        return str(puremagic.from_string(content))
    except (puremagic.PureError, ValueError):
        return ""


def _write(picture: Image.Image) -> Picture:
    plain = picture.convert("RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    content = b""
    for quality in _QUALITIES:
        out = BytesIO()
        plain.save(out, "JPEG", quality=quality, optimize=True, exif=b"")
        content = out.getvalue()
        if len(content) <= KEPT_BYTES:
            break
    return Picture(content=content, width=plain.width, height=plain.height)


def is_evidence(slot: str) -> bool:
    """Tell whether a photo in the slot may carry a claim; a slot may go on: `serial_back`."""
    return any(slot == each or slot.startswith(f"{each}_") for each in EVIDENCE_SLOTS)


def _require_right(actor: Actor, slot: str) -> None:
    rights = {Permission.INSPECT_DEVICE, Permission.RECEIVE_DEVICE}
    if is_evidence(slot):
        rights.add(Permission.SUBMIT_CLAIM)
    if not any(map(actor.may, rights)):
        raise NotPermitted("Your role may not add photos.")


def _require_open(order: RepairOrder, slot: str) -> None:
    is_late_evidence = order.status is RepairStatus.CLOSED and is_evidence(slot)
    if order.status not in OPEN and not is_late_evidence:
        raise WrongRepairStatus("The order has ended.", status=order.status.value)
