"""Token check against the identity service."""
import hmac
import os


def verify(token: str) -> bool:
    return hmac.compare_digest(token, os.environ["LARCH_SERVICE_TOKEN"])
