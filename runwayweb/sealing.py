"""Secrets that have to be read again, kept so that a copy of the database alone does not tell them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


class Sealed(Exception):
    """It cannot be opened: it was sealed with another SECRET_KEY than today's, or for something else."""


class Seal:
    """For one `purpose`: what is sealed for one does not open for another."""

    def __init__(self, purpose: bytes):
        self.purpose = purpose

    def seal(self, plain: str) -> str:
        return self._locks().encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Raises Sealed."""
        try:
            return self._locks().decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Sealed from error

    def _locks(self) -> MultiFernet:
        """Today's key seals; those of before it, SECRET_KEY_FALLBACKS, still open."""
        return MultiFernet([self._lock(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])

    def _lock(self, key: str | bytes) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(self.purpose + force_bytes(key)).digest()))
