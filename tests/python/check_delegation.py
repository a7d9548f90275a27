"""Signs with Oracle's Python SDK on behalf of a user, as Cloud Shell does, and says which headers it signs.

usage: check_delegation.py IDENTITY_URL TENANCY DELEGATION_TOKEN_FILE

What it signs is compared with what credage signs; the simulated tenancy checks both signatures and the token.
"""

import re
import sys

import oci
from oci.auth import signers
from oci.identity import IdentityClient
from oci.identity_domains import IdentityDomainsClient
from oci.identity_domains.models import ApiKeySearchRequest

URL, TENANCY, TOKEN_FILE = sys.argv[1:]
NO_RETRY = oci.retry.NoneRetryStrategy()
SIGNED = {}


class Noting(signers.InstancePrincipalsDelegationTokenSigner):
    """The SDK's own signer, which remembers the names of the headers that it signed."""

    def do_request_sign(self, request, *arguments, **named):
        request = super().do_request_sign(request, *arguments, **named)
        SIGNED[request.method] = re.search(r'headers="([^"]+)"', request.headers["authorization"])[1]
        return request


with open(TOKEN_FILE, encoding="utf-8") as file:
    token = file.read().strip()
signer = Noting(delegation_token=token, federation_endpoint=f"{URL}/v1/x509", federation_client_retry_strategy=NO_RETRY)
client = IdentityClient({}, signer=signer, service_endpoint=URL, retry_strategy=NO_RETRY)
domains = oci.pagination.list_call_get_all_results(client.list_domains, TENANCY).data
for domain in domains:
    inside = IdentityDomainsClient({}, domain.url, signer=signer, retry_strategy=NO_RETRY)
    assert inside.list_users(count=1).data.total_results > 0
    schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]
    search = ApiKeySearchRequest(schemas=schemas, count=1, start_index=1)
    assert inside.search_api_keys(api_key_search_request=search).data.total_results > 0
for method in ("GET", "POST"):
    print(method, SIGNED[method])
print(f"{len(domains)} domain(s) read")
