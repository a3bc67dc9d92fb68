"""`python -m amends.cli` is the `amends` command."""

from amends.cli.main import run

run()
