"""The command line: `serviceco …`; one module per family of commands."""

import click

from serviceco.cli.imports import import_
from serviceco.cli.policy import policy


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="serviceco")
def main() -> None:
    """Run and keep the system of an after-sales service company."""


main.add_command(import_)
main.add_command(policy)
