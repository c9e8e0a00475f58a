"""`python -m clientela.config.cli`: how one command starts another."""

import sys

from clientela.config.cli.main import main

sys.exit(main())
