"""The product's settings but for what hundreds of tests would pay for.

Many users are made and few sign in: test_passwords.py shows how passwords are really kept.
"""

from spaces_project.settings import *  # noqa: F403
from spaces_project.settings import PASSWORD_HASHERS as _REAL_HASHERS

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *_REAL_HASHERS]

# Every test client makes the middleware anew, and WhiteNoise would look at every static file each time.
WHITENOISE_AUTOREFRESH = True
