"""Keeps a text unreadable in the database. The first key seals, every key opens."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """None of LEARNLOOP_ENCRYPTION_KEYS opens this. Put back the key that sealed it."""


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken:
        raise SealBroken from None


def _fernet() -> MultiFernet:
    digests = (sha256(key.encode()).digest() for key in settings.ENCRYPTION_KEYS)
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])
