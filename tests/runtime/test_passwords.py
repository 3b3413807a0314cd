"""How passwords are kept, whatever the other tests do for speed."""

from typing import Any

from django.contrib.auth.hashers import check_password, make_password

from spaces_project import settings as real


def test_passwords_are_kept_as_argon2id_of_moderate_cost(settings: Any) -> None:
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    kept = make_password("correct horse battery staple")
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct horse battery staple", kept)
    assert not check_password("correct horse battery stapler", kept)
