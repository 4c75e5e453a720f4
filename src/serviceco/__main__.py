"""`python -m serviceco`: the command line without an installed script."""

from serviceco.cli import main

main(prog_name="serviceco")
