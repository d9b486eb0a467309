"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class ModestArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes, OWASP's smaller choice.

    Django's default takes 100 MiB for each login: on a small server a morning's logins at once
    would eat the memory.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
