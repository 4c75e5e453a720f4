"""Files beside GraphQL: pictures of orders go in and come out, with the same actor."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.request import Clock, require_live_sign_in, utc_now
from serviceco.core.actor import Actor
from serviceco.repairs import photos
from serviceco.storage.files import Files
from serviceco.storage.unit_of_work import unit_of_work


class PhotoDoor:
    """Keeps and shows pictures, each in a unit of work of its own."""

    def __init__(self, engine: AsyncEngine, files: Files, *, clock: Clock = utc_now) -> None:
        """Take the connections of the application and the place where files lie."""
        self._engine = engine
        self._files = files
        self._clock = clock

    async def add(self, actor: Actor, number: str, *, slot: str, content: bytes) -> UUID:
        """Keep a picture of an open order in a named slot; return its id.

        Raises:
            Refusal: as `repairs.photos.add_photo`; SignInEnded where nobody is signed in.
        """
        at = self._clock()
        async with unit_of_work(self._engine, actor.tenant) as session:
            await require_live_sign_in(session, actor, at=at)
            photo = await photos.add_photo(
                session, actor, number, files=self._files, slot=slot, content=content, at=at
            )
            return photo.id

    async def read(self, actor: Actor, photo_id: UUID) -> tuple[str, bytes]:
        """Return media type and bytes of a picture.

        Raises:
            NotFound: there is none in the actor's scope.
        """
        async with unit_of_work(self._engine, actor.tenant) as session:
            await require_live_sign_in(session, actor, at=self._clock())
            photo, content = await photos.read_photo(session, actor, photo_id, files=self._files)
            return photo.media_type, content
