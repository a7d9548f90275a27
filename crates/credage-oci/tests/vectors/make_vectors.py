"""Makes signatures.json: what Oracle's Python SDK signs, to hold our own signer against.

Run once, with an interpreter that has the SDK (scripts/oci-sdk-venv prints one):

    python make_vectors.py > signatures.json

The key is made for the occasion and forgotten; the file holds its public half alone.
"""

import base64
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from oci._vendor import requests
from oci._vendor.httpsig_cffi import utils
from oci.signer import Signer

HOST = "https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com"
TENANCY = "ocid1.tenancy.oc1..aaaaaaaaexampletenancy"
USER = "ocid1.user.oc1..aaaaaaaaexampleuser"
FINGERPRINT = ":".join(["0f"] * 16)
DATE = "Mon, 05 Jan 2026 21:31:40 GMT"

CASES = [
    ("get with a filter", "GET", HOST + "/admin/v1/ApiKeys?count=50&filter=user.value%20eq%20%22a%2Bb%22", None),
    ("get without a query", "GET", HOST + "/admin/v1/Users/0c6fd6ad", None),
    ("get with another port", "GET", HOST + ":8443/admin/v1/Users?count=1", None),
    ("delete", "DELETE", HOST + "/admin/v1/ApiKeys/0c6fd6ad", None),
    ("post with a body", "POST", HOST + "/admin/v1/ApiKeys/.search", '{"count":50,"filter":"user.value eq \\"ü\\""}'),
    ("post without a body", "POST", HOST + "/admin/v1/Users/.search", ""),
    ("put", "PUT", HOST + "/admin/v1/UserStatusChanger/0c6f", '{"active":false}'),
    ("patch", "PATCH", HOST + "/admin/v1/Users/0c6f", '{"Operations":[]}'),
]


def vector(signer, public, name, method, url, body):
    """What the SDK puts on one request, with the text that it signed."""
    data = None if body is None else body.encode()
    request = requests.Request(method, url, data=data, headers={"date": DATE, "content-type": "application/json"}).prepare()
    signer(request)
    authorization = request.headers["authorization"]
    fields = dict(part.split("=", 1) for part in authorization.removeprefix("Signature ").split(","))
    names = fields["headers"].strip('"').split(" ")
    signed = utils.generate_message(names, request.headers, host=request.headers.get("host"), method=method.lower(), path=request.path_url)
    signature = fields["signature"].strip('"')
    public.verify(base64.b64decode(signature), signed, padding.PKCS1v15(), hashes.SHA256())
    return {
        "name": name, "method": method, "url": url, "body": body, "headers": fields["headers"].strip('"'),
        "key_id": fields["keyId"].strip('"'), "signing_string": signed.decode(), "signature": signature,
    }


def main():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key()
    signer = Signer(TENANCY, USER, FINGERPRINT, private_key_file_location=None, private_key_content=pem.decode())
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    vectors = {
        "date": DATE,
        "public_key": base64.b64encode(spki).decode(),
        "vectors": [vector(signer, public, *case) for case in CASES],
    }
    json.dump(vectors, sys.stdout, indent=2, ensure_ascii=False)
    print()


main()
