import hashlib
from pathlib import Path

import pytest

from serviceco.core.ids import new_id
from serviceco.storage.files import Files


async def test_a_file_lies_under_its_hash_in_the_folder_of_its_tenant(tmp_path: Path) -> None:
    files, ours, theirs = Files(tmp_path / "files"), new_id(), new_id()
    digest = await files.put(ours, b"picture")

    assert digest == hashlib.sha256(b"picture").hexdigest()
    assert await files.put(ours, b"picture") == digest
    assert await files.get(ours, digest) == b"picture"
    with pytest.raises(FileNotFoundError):
        await files.get(theirs, digest)
