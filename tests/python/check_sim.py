"""Drives the simulated tenancy with Oracle's Python SDK.

usage: check_sim.py URL CONFIG_FILE TRUTH_FILE

Ends with the number of checks that passed, or with the first that did not.
"""

import json
import sys

import oci
from oci.identity_domains import IdentityDomainsClient
from oci.identity_domains.models import (
    ApiKeySearchRequest,
    AuthTokenSearchRequest,
    UserSearchRequest,
)

URL, CONFIG_FILE, TRUTH_FILE = sys.argv[1:4]
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
INDEX = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User"

TRUTH = json.load(open(TRUTH_FILE, encoding="utf-8"))
CONFIG = oci.config.from_file(CONFIG_FILE)
CLIENT = IdentityDomainsClient(CONFIG, URL, retry_strategy=oci.retry.NoneRetryStrategy())
PASSED = 0


def check(condition, what):
    """Counts a check, or ends."""
    global PASSED
    if not condition:
        sys.exit(f"FAILED: {what}")
    PASSED += 1


def refused(call, status, what):
    """Whether a call ends with a status."""
    try:
        call()
    except oci.exceptions.ServiceError as error:
        check(error.status == status, f"{what}: {error.status} instead of {status}")
    else:
        sys.exit(f"FAILED: {what}: it was answered")


def everything(call, count, **arguments):
    """All rows of a listing, page by page, as the SDK's own documentation reads: startIndex and count."""
    rows, start = [], 1
    while True:
        page = call(start_index=start, count=count, sort_by="id", **arguments).data
        rows.extend(page.resources or [])
        start += len(page.resources or [])
        if start > page.total_results or not page.resources:
            return rows, page.total_results


def ids(collection, owner=None):
    """The ids of a collection as they really are."""
    rows = [row for row in TRUTH if row["collection"] == collection]
    return {row["id"] for row in rows if owner in (None, row["owner"])}


users, total = everything(CLIENT.list_users, 40)
check(len(users) == total == 129 and len({user.id for user in users}) == 129, f"users in pages: {len(users)} of {total}")
check(any(user.user_name == "credage-auditor" for user in users), "the auditor is a user")

kinds = {
    "ApiKeys": CLIENT.list_api_keys,
    "AuthTokens": CLIENT.list_auth_tokens,
    "CustomerSecretKeys": CLIENT.list_customer_secret_keys,
    "OAuth2ClientCredentials": CLIENT.list_o_auth2_client_credentials,
    "SmtpCredentials": CLIENT.list_smtp_credentials,
    "UserDbCredentials": CLIENT.list_user_db_credentials,
}
for name, call in kinds.items():
    rows, total = everything(call, 7, attributes="id,meta,user,description")
    found = {row.id for row in rows}
    dated = [row for row in rows if row.meta and row.meta.created]
    if found != ids(name) or total != len(found) or len(dated) < len(rows) - 3 or not all(row.user.ocid for row in rows):
        sys.exit(f"FAILED: {name}: {len(found)} of {len(ids(name))}, total {total}")
check(True, "all six kinds in pages")

owner = next(row["owner"] for row in TRUTH if row["collection"] == "ApiKeys")
page = CLIENT.list_api_keys(filter=f'user.value eq "{owner}"').data
check({row.id for row in page.resources} == ids("ApiKeys", owner), "a filter on the user")
check(all(row.fingerprint for row in page.resources), "defaults hold the fingerprint")

body = ApiKeySearchRequest(schemas=[SEARCH], attributes=["meta"], filter=f'user.value eq "{owner}"', start_index=1, count=50)
page = CLIENT.search_api_keys(api_key_search_request=body).data
check({row.id for row in page.resources} == ids("ApiKeys", owner), "a signed POST .search")
check(page.resources[0].fingerprint is None, "only what was asked for")

none = AuthTokenSearchRequest(schemas=[SEARCH], filter='meta.created lt "1970-01-01T00:00:00Z"')
check(CLIENT.search_auth_tokens(auth_token_search_request=none).data.total_results == 0, "an empty listing")

body = UserSearchRequest(schemas=[SEARCH], attributes=["userName", f"{INDEX}:apiKeys"], filter=f'id eq "{owner}"')
user = CLIENT.search_users(user_search_request=body).data.resources[0]
index = user.urn_ietf_params_scim_schemas_oracle_idcs_extension_user_credentials_user
check({ref.value for ref in index.api_keys} == ids("ApiKeys", owner), "the index names what the owner has")

one = CLIENT.get_api_key(sorted(ids("ApiKeys"))[0], attribute_sets=["all"]).data
check(one.id == sorted(ids("ApiKeys"))[0] and one.meta.resource_type == "ApiKey", "one by its id")

refused(lambda: CLIENT.list_api_keys(filter='description eq "x"'), 400, "an attribute that is not searchable")

session = oci.config.from_file(CONFIG_FILE, "SESSION")
token = open(session["security_token_file"], encoding="utf-8").read()
key = oci.signer.load_private_key_from_file(session["key_file"])
signer = oci.auth.signers.SecurityTokenSigner(token, key)
by_token = IdentityDomainsClient({}, URL, signer=signer, retry_strategy=oci.retry.NoneRetryStrategy())
check(by_token.list_users(count=1).data.total_results == 129, "a session token")

signer = oci.auth.signers.SecurityTokenSigner("x.eyJzdWIiOiJub2JvZHkifQ.x", key)
nobody = IdentityDomainsClient({}, URL, signer=signer, retry_strategy=oci.retry.NoneRetryStrategy())
refused(lambda: nobody.list_users(count=1), 401, "a token that nobody gave")

wrong = dict(CONFIG, key_file=session["key_file"])
stranger = IdentityDomainsClient(wrong, URL, retry_strategy=oci.retry.NoneRetryStrategy())
refused(lambda: stranger.list_users(count=1), 401, "a wrong key")

print(f"{PASSED} checks passed")
