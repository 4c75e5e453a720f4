"""Broken files, each with the problems that it must raise, at their line and column."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from serviceco.cli import main
from serviceco.core.places import project_folder
from serviceco.policy.checks import check_tenants
from serviceco.policy.packs import BrokenPack, read_brand, read_law, read_policy, read_tenant

BROKEN = Path(__file__).parent / "broken"
READERS = {"policy": read_policy, "law": read_law, "tenant": read_tenant, "brand": read_brand}
FILES = [(kind, path) for kind in READERS for path in sorted((BROKEN / kind).glob("*.yaml"))]


@pytest.mark.parametrize(
    ("kind", "path"), FILES, ids=[f"{kind}/{path.stem}" for kind, path in FILES]
)
def test_each_problem_is_said_at_its_line_and_column(kind, path):
    with pytest.raises(BrokenPack) as refused:
        READERS[kind](path)
    marked = [line for line in path.read_text().splitlines() if line.startswith("# expected ")]
    assert [f"{path}:{line.removeprefix('# expected ')}" for line in marked] == [
        str(problem) for problem in refused.value.problems
    ]


def test_files_that_contradict_each_other_are_found_out():
    world = BROKEN / "world"
    found = [
        str(problem).removeprefix(f"{world}/").replace(f"{world}/", "")
        for problem in check_tenants(world)
    ]
    assert found == (world / "expected.txt").read_text().splitlines()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"code: \xff\xfe", "1:7: not UTF-8"),
        (b"a: " + b"x" * 1_000_000, "1:1: larger than 1,000,000 bytes"),
        (b"[" * 5_000, "1:1: no readable YAML"),
        (b"a: \x00", "1:1: no readable YAML"),
    ],
    ids=["bytes", "too large", "a thousand levels deep", "a null byte"],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path, content, place):
    path = tmp_path / "north.yaml"
    path.write_bytes(content)
    with pytest.raises(BrokenPack) as refused:
        read_policy(path)
    assert str(refused.value).startswith(f"{path}:{place}")


def test_a_file_that_is_not_there_is_a_problem_too(tmp_path):
    with pytest.raises(BrokenPack, match="cannot be read"):
        read_policy(tmp_path / "absent.yaml")


def test_the_command_prints_each_problem_and_fails():
    answer = CliRunner().invoke(main, ["policy", "check", str(BROKEN / "world")])
    assert answer.exit_code == 1
    assert (
        f"{BROKEN}/world/northern/brands/north.yaml:6:11: the company counts in EUR"
        in answer.output
    )
    assert "17 errors, 8 warnings" in answer.output


def test_the_command_passes_what_only_warns(tmp_path):
    folder = tmp_path / "tenants"
    shutil.copytree(project_folder("tenants"), folder)
    answer = CliRunner().invoke(main, ["policy", "check", str(folder)])
    assert (answer.exit_code, "0 errors" in answer.output) == (0, True)


@pytest.mark.parametrize("kind", ["policy", "law", "tenant", "brand", "catalogue"])
def test_the_command_prints_a_schema(kind):
    answer = CliRunner().invoke(main, ["policy", "schema", kind])
    assert answer.exit_code == 0
    assert '"$schema"' in answer.output
