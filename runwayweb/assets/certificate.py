"""With which key the studio signs what it makes: the operator's, or one that it made for itself at first use.

A key of one's own proves that a file was not changed since it was signed, not who the studio is: readers say that its
signer is not known to them. Source of what a certificate must say: C2PA 2.2, 14.5.1 "Certificate profile".
"""

import fcntl
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from runwayweb.assets.models import SigningKey
from runwayweb.assets.storage import bucket

VALID_FOR = timedelta(days=3650)
NAME = "Runwayweb"
CHAIN, KEY, LOCK = "chain.pem", "key.pem", "lock"


@dataclass(frozen=True)
class Certificate:
    """`chain`: PEM, its own certificate first. `key`: its private key, PEM; never shown. `algorithm`: as in JOSE."""

    chain: bytes
    key: bytes
    algorithm: str = "es256"

    def __repr__(self):
        return f"<Certificate {self.algorithm}>"


def certificate() -> Certificate:
    """The one to sign with. Raises OSError where the operator's files, or the data folder, cannot be read."""
    if settings.CREDENTIALS_CHAIN:
        chain, key = Path(settings.CREDENTIALS_CHAIN), Path(settings.CREDENTIALS_KEY)
        return Certificate(chain.read_bytes(), key.read_bytes(), settings.CREDENTIALS_ALGORITHM)
    if bucket():  # then other machines sign too, and share no folder
        return Certificate(*SigningKey.the_one(_self_signed))
    folder = Path(settings.DATA_DIR) / "credentials"
    if not (folder / KEY).exists():
        _make(folder)
    return Certificate((folder / CHAIN).read_bytes(), (folder / KEY).read_bytes())


def _make(folder):
    """A chain and its key in a folder that may be there already, a volume that several containers have: nothing can be
    moved into the place of that. Whoever comes second takes the first one's."""
    folder.mkdir(exist_ok=True)
    with open(folder / LOCK, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / KEY).exists():
            return
        chain, key = _self_signed()
        _write(folder / CHAIN, chain)
        _write(folder / KEY, key)  # last: where there is a key, its chain is there


def _write(path, content):
    """Whole or not at all, for its owner alone."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 600
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.rename(draft, path)
    except OSError:
        os.unlink(draft)
        raise


def _self_signed():
    """(chain as PEM, key as PEM): a certificate and the root of its own that vouches for it."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = _name(f"{NAME} root"), _name(NAME)
    root = (
        _builder(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    own = (
        _builder(name, root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, root))
    plain = serialization.NoEncryption()
    return chain, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _builder(name, issuer, key):
    begins = datetime.now(UTC) - timedelta(hours=1)  # clocks differ
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(begins).not_valid_after(begins + VALID_FOR)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(common_name):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, NAME),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs_certificates):
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
