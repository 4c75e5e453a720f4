"""`serviceco policy …`: checking packs and describing their form."""

import json
from pathlib import Path

import click

from serviceco.cli.replays import replay
from serviceco.core.places import project_folder
from serviceco.policy.checks import check_tenants, coverage_of_tests
from serviceco.policy.packs import json_schema
from serviceco.policy.words import BrandPack, CataloguePack, Law, Policy, TenantPack

SHAPES = {
    "policy": Policy,
    "law": Law,
    "tenant": TenantPack,
    "brand": BrandPack,
    "catalogue": CataloguePack,
}


@click.group()
def policy() -> None:
    """Check policy packs and print the form of their files."""


@policy.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--coverage", is_flag=True, help="Also print how many rows the tests reach.")
def check(folder: Path | None, *, coverage: bool) -> None:
    """Read all packs of FOLDER (tenants/ by default) and run the tests that they carry.

    Prints `file:line:col: message` for each problem; exits with 1 if any is an error.
    """
    root = folder or project_folder("tenants")
    problems = check_tenants(root)
    for problem in problems:
        click.echo(str(problem))
    for pack in coverage_of_tests(root) if coverage else ():
        reached = pack.rows - len(pack.missed)
        click.echo(f"{pack.code:32}{reached:4} of {pack.rows:3} rows reached")
    errors = [problem for problem in problems if not problem.is_warning]
    click.echo(f"{len(errors)} errors, {len(problems) - len(errors)} warnings", err=True)
    if errors:
        raise SystemExit(1)


@policy.command()
@click.argument("kind", type=click.Choice(list(SHAPES)))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    click.echo(json.dumps(json_schema(SHAPES[kind]), ensure_ascii=False, indent=2))


policy.add_command(replay)
