from pathlib import Path

import pytest
from click.testing import CliRunner

from serviceco.cli import main


@pytest.mark.parametrize("command", [("seed",), ("run", "--demo")])
def test_the_demo_world_and_its_password_stay_out_of_production(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    nowhere = {"ENVIRONMENT": "production", "DATA_DIR": str(tmp_path)}
    ended = CliRunner().invoke(main, command, env=nowhere)
    assert ended.exit_code == 1
    assert "not for production" in ended.output
    assert not list(tmp_path.iterdir())
