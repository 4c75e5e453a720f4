"""Pictures of orders, for the pages that show them."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.web.desk import Desk
from serviceco.web.doors import Photos
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
