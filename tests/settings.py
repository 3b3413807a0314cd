"""The product's settings with one exception: hundreds of users are made in tests, and few sign in.

test_passwords.py shows how passwords are really kept.
"""

from spaces_project.settings import *  # noqa: F403
from spaces_project.settings import PASSWORD_HASHERS as _REAL_HASHERS

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *_REAL_HASHERS]
