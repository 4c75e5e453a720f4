"""Files beside GraphQL: pictures of orders go in and come out, with the same actor."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.request import Clock, require_live_sign_in, utc_now
from serviceco.core.actor import Actor
from serviceco.core.turns import Turns
from serviceco.repairs import photos
from serviceco.storage.files import Files
from serviceco.storage.unit_of_work import unit_of_work

# A picture of 50 million pixels takes 150 MB and a second of one core while it is unpacked; one
# that waits is 15 MB.
AT_ONCE = 2
WAITING = 12
PATIENCE_SECONDS = 20.0


def photo_turns() -> Turns:
    """Return the turns of one process at unpacking pictures."""
    return Turns(at_once=AT_ONCE, waiting=WAITING, patience_seconds=PATIENCE_SECONDS)


class PhotoDoor:
    """Keeps and shows pictures, each in a unit of work of its own."""

    def __init__(
        self,
        engine: AsyncEngine,
        files: Files,
        *,
        clock: Clock = utc_now,
        turns: Turns | None = None,
    ) -> None:
        """Take the connections of the application and the place where files lie."""
        self._turns = turns or photo_turns()
        self._engine = engine
        self._files = files
        self._clock = clock

    async def add(self, actor: Actor, number: str, *, slot: str, content: bytes) -> UUID:
        """Keep a picture of an open order in a named slot; return its id.

        Raises:
            Refusal: as `repairs.photos.add_photo`; SignInEnded where nobody is signed in; TooBusy
                where too many pictures are worked on, before a connection is taken.
        """
        at = self._clock()
        async with self._turns.turn(), unit_of_work(self._engine, actor.tenant) as session:
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
