import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.storage.engines import Role, derived_key, role_password

OWNER = "postgresql://owner:secret@db.test/serviceco"


def test_what_is_derived_differs_by_purpose_and_by_password() -> None:
    other = OWNER.replace("secret", "another")
    derived = {role_password(url, role) for url in (OWNER, other) for role in Role}
    assert len(derived) == 2 * len(Role)


@pytest.mark.parametrize("owner", ["owner", "owner:"])
def test_nothing_is_derived_from_no_password(owner: str) -> None:
    with pytest.raises(ValueError, match="password"):
        derived_key(OWNER.replace("owner:secret", owner), "forms")


async def test_a_failed_statement_does_not_tell_its_values(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as failed:
            await connection.execute(text("SELECT 1 / (length(:said) - 4)"), {"said": "王小明啊"})
    assert "王小明" not in str(failed.value)
