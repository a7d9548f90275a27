"""Publishes to the simulated tenancy's topic with Oracle's Python SDK.

usage: check_notifications.py URL CONFIG_FILE TOPIC

Ends with the number of checks that passed, or with the first that did not.
"""

import sys

import oci
from oci.ons import NotificationDataPlaneClient
from oci.ons.models import MessageDetails

URL, CONFIG_FILE, TOPIC = sys.argv[1:4]
CONFIG = oci.config.from_file(CONFIG_FILE)
CLIENT = NotificationDataPlaneClient(CONFIG, service_endpoint=URL, retry_strategy=oci.retry.NoneRetryStrategy())
PASSED = 0


def check(condition, what):
    """Counts a check, or ends."""
    global PASSED
    if not condition:
        sys.exit(f"FAILED: {what}")
    PASSED += 1


def refused(status, what, topic=TOPIC, **details):
    """Whether a message is refused with a status."""
    try:
        CLIENT.publish_message(topic, MessageDetails(**details))
    except oci.exceptions.ServiceError as error:
        check(error.status == status, f"{what}: {error.status} instead of {status}")
    else:
        sys.exit(f"FAILED: {what}: it was taken")


said = CLIENT.publish_message(TOPIC, MessageDetails(title="from the SDK", body="grüß dich"), message_type="RAW_TEXT")
check(said.status == 202 and said.data.message_id, "a message is taken")
check(said.data.time_stamp is not None, "its time is said")
refused(404, "an unknown topic", topic="ocid1.onstopic.oc1.iad.nobody", body="x")
refused(413, "a message of more than 64 KB", body="x" * 65536)
refused(400, "a message without a body", title="x")
print(f"{PASSED} checks passed")
