"""Files by their content: what has the same SHA-256 is the same file."""

import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from obstore.store import LocalStore


class Files:
    """A folder of files; each tenant's lie apart, so that one can be exported or erased alone."""

    def __init__(self, folder: Path) -> None:
        """Use the folder, made where it is missing."""
        self._store = LocalStore(folder, mkdir=True)

    async def put(self, tenant_id: UUID, content: bytes) -> str:
        """Keep the content and return its SHA-256 in hexadecimal; a second time changes nothing."""
        digest = hashlib.sha256(content).hexdigest()
        await self._store.put_async(_place(tenant_id, digest), content)
        return digest

    async def get(self, tenant_id: UUID, digest: str) -> bytes:
        """Return the content.

        Raises:
            FileNotFoundError: the tenant has no such file.
        """
        found = await self._store.get_async(_place(tenant_id, digest))
        return bytes(await found.bytes_async())

    async def remove(self, tenant_id: UUID, digest: str) -> None:
        """Delete the content; what is not there is gone already."""
        with suppress(FileNotFoundError):
            await self._store.delete_async(_place(tenant_id, digest))


def _place(tenant_id: UUID, digest: str) -> str:
    return f"{tenant_id}/{digest[:2]}/{digest}"
