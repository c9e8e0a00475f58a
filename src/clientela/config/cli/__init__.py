"""The command line: `clientela demo`, `clientela serve` and the rest."""

from clientela.config.cli.main import main

__all__ = ["main"]
