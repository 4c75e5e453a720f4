"""The command line: `serviceco …`; one module per family of commands."""

import click

from serviceco import __version__
from serviceco.cli.clients import client
from serviceco.cli.companies import brand, company, invite
from serviceco.cli.imports import import_
from serviceco.cli.keys import key
from serviceco.cli.policy import policy
from serviceco.cli.providers import provider
from serviceco.cli.run import run
from serviceco.cli.seed import seed
from serviceco.cli.serve import migrate, serve, worker
from serviceco.cli.support import support
from serviceco.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Run and keep the system of an after-sales service company."""


SERVING = (run, serve, worker, migrate)
KEEPING = (seed, policy, import_, verify, key, client, company, brand, invite, support, provider)
for command in (*SERVING, *KEEPING):
    main.add_command(command)
