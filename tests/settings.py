"""The product's settings with the few changes that tests need."""

from learnloop.settings import *  # noqa: F403
from learnloop.settings import INSTALLED_APPS, STATIC_ROOT, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.made_up"]

# Slow on purpose in the product.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages name files as they are; the hashed names need `collectstatic` first.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # collected by `up`, which no test here runs
