"""The command line: `serviceco …`; one module per family of commands, loaded when one is run.

Some load half of the system, which nobody should wait for who asks for help or another command.
"""

from importlib import import_module

import click

from serviceco import __version__

# Module, and what it says of itself: for the list of commands none of them is loaded.
COMMANDS = {
    "brand": ("companies", "Take on brands, which all companies share."),
    "client": ("clients", "Make and end machines that get tokens by OAuth 2.0."),
    "company": ("companies", "Take on repair companies."),
    "import": ("imports", "Bring in history from elsewhere."),
    "invite": ("companies", "Invite EMAIL and print the link, which is shown this once."),
    "key": ("keys", "Make and end the keys of machines."),
    "migrate": (
        "migrate",
        "Create the database's roles and bring its tables to the newest form.",
    ),
    "policy": ("policy", "Check policy packs and print the form of their files."),
    "provider": ("providers", "Identity providers (OpenID Connect) of companies and brands."),
    "run": (
        "run",
        "Start PostgreSQL, migrate, fill an empty database with the demo world, and serve it.",
    ),
    "seed": (
        "seed",
        "Fill an empty database with the demo world; a database in use is left alone.",
    ),
    "serve": ("serve", "Serve the pages and GraphQL from this process."),
    "support": ("support", "Let people of the operator help companies."),
    "verify": ("verify", "Prove that what is stored is in order."),
    "worker": (
        "worker",
        "Deliver the outbox: claims, roll-ups, webhooks and whatever else follows a change.",
    ),
}


class Commands(click.Group):
    """A group that loads the one command that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"serviceco.cli.{COMMANDS[cmd_name][0]}")
        name = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Run and keep the system of an after-sales service company."""
