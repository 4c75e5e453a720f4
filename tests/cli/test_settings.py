import pytest
from pydantic import ValidationError

from serviceco.settings import Environment, Settings


@pytest.mark.parametrize("url", ["postgresql:///serviceco", "postgresql://owner@db.test/serviceco"])
def test_a_database_without_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="needs a password"):
        Settings.model_validate({"database_url": url})


def test_production_is_encrypted_and_hides_what_is_for_development() -> None:
    settings = Settings(environment=Environment.PRODUCTION)
    assert (settings.https, settings.is_development) == (True, False)
