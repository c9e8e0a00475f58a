"""`python -m bench.fill DEALS ACCOUNTS`: migrate and fill the database that the environment names."""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from bench import building

    deals, accounts = (int(word) for word in sys.argv[1:3])
    started = time.perf_counter()
    call_command("migrate", verbosity=0, interactive=False)
    migrated = time.perf_counter()
    building.build(building.Shape(deals, accounts, accounts * 2 if deals else 0))
    print(json.dumps({"migrate": migrated - started, "build": time.perf_counter() - migrated}))


if __name__ == "__main__":
    main()
