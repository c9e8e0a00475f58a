"""The settings under test: the real ones on a database of their own, with the slow parts made quick.

CLIENTELA_TEST_DATABASE chooses sqlite (default) or postgres; CLIENTELA_TEST_SUFFIX keeps two runs apart;
CLIENTELA_TEST_POSTGRES_URL says where PostgreSQL is.
"""

import os
import tempfile
from pathlib import Path

CHOICE = os.environ.get("CLIENTELA_TEST_DATABASE", "sqlite")
SUFFIX = os.environ.get("CLIENTELA_TEST_SUFFIX", "tests")
FOLDER = Path(tempfile.gettempdir()) / f"clientela-{SUFFIX}-{CHOICE}"
POSTGRES_URL = os.environ.get("CLIENTELA_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/clientela")

if CHOICE not in {"sqlite", "postgres"}:
    raise SystemExit(f"CLIENTELA_TEST_DATABASE must be sqlite or postgres, not {CHOICE}")

for name in [name for name in os.environ if name.startswith("CLIENTELA_") and "_TEST_" not in name]:
    del os.environ[name]  # what the developer's own installation uses must not reach the tests
os.environ["CLIENTELA_DATA"] = str(FOLDER)
os.environ["CLIENTELA_ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["CLIENTELA_SECRET_KEY"] = "only for tests " * 4
os.environ["CLIENTELA_DATABASE_POOL"] = "0"  # a pool would hold the test database open at the end
if CHOICE == "postgres":
    os.environ["CLIENTELA_DATABASE_URL"] = POSTGRES_URL

from clientela.config.settings import *  # noqa: E402, F403
from clientela.config.settings import CACHES, DATABASES, INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.fakes"]
DATABASES["default"]["TEST"] = {
    # On disk, so that the threads of a live server and the test see the same rows.
    "NAME": str(FOLDER / "test.sqlite3") if CHOICE == "sqlite" else f"test_clientela_{SUFFIX}",
}
if CHOICE == "sqlite":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["init_command"] += ";PRAGMA synchronous=OFF"
CACHES["default"]["LOCATION"] = f"tests-{SUFFIX}"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MFA_TOTP_TOLERANCE = 1  # a code made at the end of its thirty seconds must not fail a test
CALLS_PER_MINUTE = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
