"""Settings of the web application in tests: the product's own, with passwords hashed quickly.

tests/conftest.py names a temporary NONAGON_HOME before this is imported.
"""

from nonagon.app.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True)  # noqa: F405
