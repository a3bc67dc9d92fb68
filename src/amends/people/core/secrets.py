"""What stands in the database for a secret: SHA-256. Secrets are 256 random bits, so it needs no salt or stretching."""

import hashlib
from typing import Final

TOKEN_PREFIX: Final = "amends_"  # lets secret scanners and people know it for what it is  # noqa: S105 -- no secret
SHOWN: Final = 12  # characters of a token that people may see


def digest_of(secret: str) -> str:
    """The hexadecimal digest under which a secret is looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
