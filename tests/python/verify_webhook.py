"""Verifies what credage posted.

usage: verify_webhook.py SECRET SIGNATURE NOW < BODY
"""

import hashlib
import hmac
import sys


def verify(secret: bytes, header: str, body: bytes, now: int, tolerance: int = 300) -> bool:
    """Whether `body` is from credage, unchanged, and not older than `tolerance` seconds."""
    fields = dict(field.split("=", 1) for field in header.split(","))
    signed = fields["t"].encode() + b"." + body
    wanted = hmac.new(secret, signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, fields["v1"]) and abs(now - int(fields["t"])) <= tolerance


if __name__ == "__main__":
    good = verify(sys.argv[1].encode(), sys.argv[2], sys.stdin.buffer.read(), int(sys.argv[3]))
    sys.exit(0 if good else 1)
