"""Drives a simulated tenancy with Oracle's Python SDK: discovery in pages, and every principal.

usage: check_tenancy.py EXPECTED_FILE

Ends with the number of checks that passed, or with the first that did not.
"""

import json
import sys

import oci
from oci.auth import signers
from oci.identity import IdentityClient
from oci.identity_domains import IdentityDomainsClient

EXPECTED = json.load(open(sys.argv[1], encoding="utf-8"))
URL, TENANCY, CONFIG_FILE = (EXPECTED[name] for name in ("url", "tenancy", "config"))
NO_RETRY = oci.retry.NoneRetryStrategy()
PASSED = 0


def check(condition, what):
    """Counts a check, or ends."""
    global PASSED
    if not condition:
        sys.exit(f"FAILED: {what}")
    PASSED += 1


def identity(config, **arguments):
    """A client of the Identity service."""
    return IdentityClient(config, service_endpoint=URL, retry_strategy=NO_RETRY, **arguments)


def discover(client, who):
    """Compartments, domains and one domain's users, as the SDK's own helper pages through them."""
    pages = list(
        oci.pagination.list_call_get_all_results_generator(
            client.list_compartments, "response", TENANCY, compartment_id_in_subtree=True, access_level="ANY", limit=2
        )
    )
    compartments = [compartment for page in pages for compartment in page.data]
    check(len(pages) == 3 and len({each.id for each in compartments}) == 5, f"{who}: compartments in pages: {len(pages)}")
    check(all(each.lifecycle_state == "ACTIVE" for each in compartments), f"{who}: their state")
    domains = []
    for place in [TENANCY] + [each.id for each in compartments]:
        domains += oci.pagination.list_call_get_all_results(client.list_domains, place, limit=1).data
    found = {each.display_name: (each.license_type, each.url, each.lifecycle_state, each.type) for each in domains}
    wanted = {each["name"]: (each["licence"], each["url"], "ACTIVE", each["type"]) for each in EXPECTED["domains"]}
    check(found == wanted and len(domains) == len(wanted), f"{who}: domains {found} instead of {wanted}")
    return domains


def users(domains, config, **arguments):
    """How many users the domains count."""
    clients = [IdentityDomainsClient(config, each.url, retry_strategy=NO_RETRY, **arguments) for each in domains]
    return [client.list_users(count=1).data.total_results for client in clients]


config = oci.config.from_file(CONFIG_FILE)
client = identity(config)
domains = discover(client, "an API key")
check(users(domains, config) == [EXPECTED["users"]] * len(domains), "an API key in every domain")
regions = client.list_region_subscriptions(TENANCY).data
check([each.region_name for each in regions if each.is_home_region] == ["us-ashburn-1"], "the home region")
check(client.get_tenancy(TENANCY).data.home_region_key == "IAD", "the tenancy")
try:
    client.list_domains("ocid1.compartment.oc1..nowhere")
except oci.exceptions.ServiceError as error:
    check((error.status, error.code) == (404, "NotAuthorizedOrNotFound"), f"a compartment that is not there: {error}")
else:
    sys.exit("FAILED: a compartment that is not there was answered")

session = oci.config.from_file(CONFIG_FILE, "SESSION")
token = open(session["security_token_file"], encoding="utf-8").read()
key = oci.signer.load_private_key_from_file(session["key_file"])

PRINCIPALS = {
    "a session token": lambda: signers.SecurityTokenSigner(token, key),
    "a resource principal": signers.get_resource_principals_signer,
    "an instance principal": lambda: signers.InstancePrincipalsSecurityTokenSigner(
        federation_endpoint=f"{URL}/v1/x509", federation_client_retry_strategy=NO_RETRY
    ),
    "a pod": lambda: signers.get_oke_workload_identity_resource_principal_signer(
        service_account_token_path=EXPECTED["account_token"], retry_strategy=NO_RETRY
    ),
    "an exchanged token": lambda: signers.TokenExchangeSigner(
        EXPECTED["subject_token"], EXPECTED["domains"][0]["url"], EXPECTED["client_id"], EXPECTED["client_secret"]
    ),
}
for who, sign_in in PRINCIPALS.items():
    signer = sign_in()
    found = discover(identity({}, signer=signer), who)
    check(users(found, {}, signer=signer) == [EXPECTED["users"]] * len(found), f"{who} in every domain")

print(f"{PASSED} checks passed")
