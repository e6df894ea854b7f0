"""What the environment says of the servers this site stands on, read for settings.py. Raises ImproperlyConfigured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

MINUTE = 60
POOL_SECONDS = 5  # so long is waited for a connection that others are using
LONGEST_LINK = 7 * 24 * 60 * MINUTE  # seconds: what Signature Version 4 allows


@dataclass(frozen=True)
class Bucket:
    """A bucket of S3. `public_endpoint`: where browsers reach it, "" for AWS itself; `link_seconds`: how long an
    address is good that one file was signed for."""

    name: str
    endpoint: str
    public_endpoint: str
    region: str
    access_key: str
    secret_key: str
    prefix: str
    style: str
    ca_file: str
    link_seconds: int

    @property
    def options(self) -> dict[str, Any]:
        """Of the storage."""
        return {
            "bucket_name": self.name,
            "endpoint_url": self.endpoint or None,
            "region_name": self.region or None,
            "access_key": self.access_key or None,
            "secret_key": self.secret_key or None,
            "location": self.prefix,
            "addressing_style": self.style,
            "verify": self.ca_file or None,
            "public_endpoint": self.public_endpoint or None,
            "querystring_expire": self.link_seconds,
        }

    @property
    def origin(self) -> str:
        """Where addresses begin that browsers are sent to, as a policy of theirs (CSP) names it."""
        if not self.public_endpoint:
            region = f".{self.region}" if self.region and self.region != "us-east-1" else ""
            return f"https://{self.name}.s3{region}.amazonaws.com"
        parts = urlsplit(self.public_endpoint)
        host = f"{self.name}.{parts.netloc}" if self.style == "virtual" else parts.netloc
        return f"{parts.scheme}://{host}"


def bucket(env) -> Bucket | None:
    """The bucket that the environment names; None where it names none."""
    name = env.str("S3_BUCKET", default="").strip()
    endpoint = _origin("S3_ENDPOINT", env.str("S3_ENDPOINT", default=""))
    public_endpoint = _origin("S3_PUBLIC_ENDPOINT", env.str("S3_PUBLIC_ENDPOINT", default=""))
    region = env.str("S3_REGION", default="").strip()
    access_key = env.str("S3_ACCESS_KEY_ID", default="").strip()
    secret_key = env.str("S3_SECRET_ACCESS_KEY", default="").strip()
    style = env.str("S3_ADDRESSING", default="") or ("path" if endpoint else "virtual")
    link_seconds = env.int("S3_LINK_SECONDS", default=60 * MINUTE)
    if not name:
        if endpoint or access_key:
            raise ImproperlyConfigured(
                "S3_ENDPOINT or S3_ACCESS_KEY_ID is set and S3_BUCKET is not: name the bucket that files are kept in."
            )
        return None
    if bool(access_key) != bool(secret_key):
        raise ImproperlyConfigured("Of S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY one is set: set both, or neither.")
    if not (region or endpoint):
        raise ImproperlyConfigured(
            "S3_BUCKET is set, and neither S3_REGION (of AWS, such as eu-west-1) nor S3_ENDPOINT (of another server)."
        )
    if style not in ("path", "virtual"):
        raise ImproperlyConfigured(f"S3_ADDRESSING is {style!r}. Set it to path or to virtual.")
    if not MINUTE <= link_seconds <= LONGEST_LINK:
        raise ImproperlyConfigured(f"S3_LINK_SECONDS is {link_seconds}. Set it to {MINUTE} to {LONGEST_LINK}.")
    return Bucket(
        name=name,
        endpoint=endpoint,
        public_endpoint=public_endpoint or endpoint,
        region=region or "us-east-1",  # what servers of one's own take for their region unless told otherwise
        access_key=access_key,
        secret_key=secret_key,
        prefix=env.str("S3_PREFIX", default="").strip("/ "),
        style=style,
        ca_file=_file("S3_CA_FILE", env.str("S3_CA_FILE", default="")),
        link_seconds=link_seconds,
    )


def pool(env) -> dict[str, Any] | None:
    """How many connections to PostgreSQL one process shares among its threads; None where each opens its own.

    None is kept open that nobody uses: a worker needs one or two, and a supervisor none.
    """
    most = env.int("DATABASE_POOL", default=0)
    if most < 0 or most == 1:
        raise ImproperlyConfigured(
            f"DATABASE_POOL is {most}. Set it to 0, or to 2 or more: a worker says that it lives while it works."
        )
    return {"min_size": 0, "max_size": most, "timeout": POOL_SECONDS, "max_idle": MINUTE} if most else None


def trusting(url: str, ca_file: str) -> str:
    """The address of a Valkey, with the file of the authority that vouches for it where one is named.

    In the address itself, since every client here (RQ, Channels, the cache, our own) is made from that.
    """
    if not ca_file:
        return url
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        raise ImproperlyConfigured("VALKEY_CA_FILE is set and VALKEY_URL does not begin with rediss://, which is TLS.")
    told = urlencode({"ssl_ca_certs": _file("VALKEY_CA_FILE", ca_file)})
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, told]))))


def _origin(variable, address):
    """The address of a server, without more than that; "" where none is named."""
    address = address.strip().rstrip("/")
    parts = urlsplit(address)
    if address and not (parts.scheme in ("http", "https") and parts.hostname and not (parts.path or parts.query)):
        raise ImproperlyConfigured(
            f"{variable} is {address!r}. Give the address of the server alone, such as https://s3.example.org"
        )
    return address


def _file(variable, path):
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(f"{variable} is {path!r}, and there is no such file.")
    return path
