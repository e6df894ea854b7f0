"""How an API key looks: a prefix that scanners for secrets know it by, 190 random bits, a checksum.

By the checksum whoever has no database, a scanner of sources above all, tells a key from what merely looks like one.
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "rwk_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LETTERS = 32  # log2(62) × 32: 190 bits
CHECK_LETTERS = 6
SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LETTERS + CHECK_LETTERS}}}", re.ASCII)


def new_key() -> str:
    """A key nobody has had before, in plain."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _letter in range(RANDOM_LETTERS))
    return body + _checksum(body)


def is_well_formed(plain: str) -> bool:
    """Whether this could be a key: its shape, and its checksum."""
    return bool(SHAPE.fullmatch(plain)) and secrets.compare_digest(
        plain[-CHECK_LETTERS:], _checksum(plain[:-CHECK_LETTERS])
    )


def digest_of(plain: str) -> str:
    """What is kept of a key: SHA-256 in hex. A key is random, so nobody finds it by trying."""
    return hashlib.sha256(plain.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _letter in range(CHECK_LETTERS):
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters
