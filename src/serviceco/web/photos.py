"""Pictures of orders: shown to pages, and taken in from the forms of pages."""

from uuid import UUID

from litestar import Response, get
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import Photos
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by


@get("/photos/{photo_id:uuid}", include_in_schema=False)
async def show_photo(
    desk: NamedDependency[Desk], photos: NamedDependency[Photos], photo_id: FromPath[UUID]
) -> Response[bytes]:
    """Show a picture; its bytes never change, so the browser keeps them for itself for an hour."""
    try:
        media_type, content = await photos.read(desk.person, photo_id)
    except Refusal as refusal:
        raise refused_by(refusal, desk.language) from refusal
    headers = {"cache-control": "private, max-age=3600", "content-disposition": "inline"}
    return Response(content, media_type=media_type, headers=headers)


async def add_photos(
    request: PageRequest, desk: Desk, form: Form, photos: Photos, number: str
) -> frozenset[str]:
    """Keep every picture that a form brings, `photo.{slot}` each; return the slots.

    What was refused stands in the form beside its picture; the others are kept.
    """
    sent = await request.form()
    slots = set()
    for name in sent:
        upload = sent[name]
        if not isinstance(upload, UploadFile) or not upload.filename:
            continue
        slot = name.removeprefix("photo.")
        slots.add(slot)
        try:
            await photos.add(
                desk.person, "".join(number.split()), slot=slot, content=await upload.read()
            )
        except Refusal as refusal:
            form.errors[name] = refused_by(refusal, desk.language).message
    return frozenset(slots)
