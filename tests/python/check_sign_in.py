"""Which profile, key, region and way to sign in Oracle's own tools choose, and which credage chooses.

For a table of situations, Oracle's CLI resolves its options and builds its configuration with its own functions, in a
process of its own; nothing is sent. credage says what it chose in `credage doctor --json -v`. Where the two differ, or
where Oracle's tools refuse, the table says so, and that is checked as well.

    python check_sign_in.py PATH_OF_CREDAGE
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click
import oci
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from oci_cli import cli_util
from oci_cli.cli_root import cli

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

CREDAGE = sys.argv[1]
TENANCY = "ocid1.tenancy.oc1..aaaaexample"
REFUSED = "refused"


class Key:
    """A key of a user, in a file of its own."""

    def __init__(self, folder, name):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = hashlib.md5(public).hexdigest()
        self.fingerprint = ":".join(digest[at:at + 2] for at in range(0, 32, 2))
        self.pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.path = folder / f"{name}.pem"
        self.write(self.pem)
        self.user = f"ocid1.user.oc1..aaaa{name}"

    def write(self, text):
        self.path.write_text(text)
        self.path.chmod(0o600)

    def lines(self, *without, region="us-ashburn-1"):
        lines = {"user": self.user, "fingerprint": self.fingerprint, "tenancy": TENANCY, "region": region,
                 "key_file": str(self.path)}
        return "".join(f"{key}={value}\n" for key, value in lines.items() if key not in without and value)


def pkcs12(password, salt, rounds, purpose, length):
    """RFC 7292, appendix B.2, with SHA-1; a third time, by somebody else than credage and OpenSSL."""
    secret = (password + "\0").encode("utf-16-be")
    fill = lambda text: (text * 64)[:-(-len(text) // 64) * 64]
    data, out = fill(salt) + fill(secret), b""
    while len(out) < length:
        digest = bytes([purpose]) * 64 + data
        for _ in range(rounds):
            digest = hashlib.sha1(digest).digest()
        out += digest
        add = int.from_bytes((digest * 4)[:64], "big") + 1
        blocks = [data[at:at + 64] for at in range(0, len(data), 64)]
        data = b"".join(((int.from_bytes(block, "big") + add) % 2**512).to_bytes(64, "big") for block in blocks)
    return out[:length]


def tlv(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def pbes1(key, password):
    """The key as PKCS#8 that is encrypted with pbeWithSHA1And3-KeyTripleDES-CBC."""
    salt, rounds = b"saltsalt", 2048
    plain = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    padder = padding.PKCS7(64).padder()
    triple = TripleDES(pkcs12(password, salt, rounds, 1, 24))
    sealer = Cipher(triple, modes.CBC(pkcs12(password, salt, rounds, 2, 8))).encryptor()
    sealed = sealer.update(padder.update(plain) + padder.finalize()) + sealer.finalize()
    oid = bytes.fromhex("060a2a864886f70d010c0103")
    algorithm = tlv(0x30, oid, tlv(0x30, tlv(4, salt), tlv(2, rounds.to_bytes(2, "big"))))
    text = base64.encodebytes(tlv(0x30, algorithm, tlv(4, sealed))).decode()
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}-----END ENCRYPTED PRIVATE KEY-----\n"


def token():
    part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    claims = {"sub": "ocid1.user.oc1..session", "tenant": TENANCY, "exp": int(time.time()) + 3600}
    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2ln"


def bundle(path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, path.stem)])
    now = datetime.now(timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return str(path)


# --- what Oracle's tools choose

@cli.command("probe")
@click.pass_context
def probe(ctx):
    """Resolves everything as any command of the CLI does, and says what came of it."""
    cli_util.load_context_obj_values_from_defaults(ctx)
    found = cli_util.create_config_and_signer_based_on_click_context(ctx)
    session = oci._vendor.requests.Session()
    cli_util.set_request_session_properties_from_context(session, ctx)
    auth, config = ctx.obj["auth"], found.config
    if auth == "api_key" and "authentication_type" in config:
        # The client asks the SDK for a signer then.
        delegation = oci.util.DELEGATION_TOKEN_WITH_INSTANCE_PRINCIPAL_AUTHENTICATION_TYPE
        assert oci.util.get_authentication_type_from_config(config) == delegation
        auth = "instance_obo_user"
    if auth == "api_key":
        oci.Signer(config["tenancy"], config["user"], config["fingerprint"], config.get("key_file"),
                   config.get("pass_phrase"), config.get("key_content"))
    ctx.obj["answer"].update({
        "auth": auth, "profile": ctx.obj["profile"], "region": config.get("region"),
        "key_file": config.get("key_file"), "fingerprint": config.get("fingerprint"),
        "bundle": session.verify if isinstance(session.verify, str) else None,
        "proxy": session.proxies.get("https"),
    })


def nothing(self, **kwargs):
    """Begins no session."""


def theirs(env, args):
    """The choice of Oracle's CLI, in a process of its own; `REFUSED` where it ends with an error."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        answer = {}
        try:
            os.environ.clear()
            os.environ.update(env, SUPPRESS_LABEL_WARNING="True")
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            sys.stdin = open(os.devnull)
            signers = oci.auth.signers
            signers.InstancePrincipalsSecurityTokenSigner.__init__ = nothing
            bare = lambda **kwargs: signers.SecurityTokenSigner.__new__(signers.SecurityTokenSigner)
            signers.resource_principals_signer.get_resource_principals_signer = bare
            signers.get_oke_workload_identity_resource_principal_signer = bare
            make = cli.make_context("oci", [*args, "probe"])
            with make as context:
                context.obj["answer"] = answer
                cli.invoke(context)
        except BaseException as error:
            answer = {"refused": repr(error)}
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text)


# --- what credage chooses

def ours(env, args):
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9"} if "proxy" not in "".join(env).lower() else {}
    command = [CREDAGE, "doctor", "--json", "-v", "--retries", "0", *args]
    env = {"OCI_METADATA_BASE_URL": "http://127.0.0.1:9/opc/v2", **nowhere, **env}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    checks = [check for group in json.loads(run.stdout)["groups"] for check in group["checks"]]
    detail = lambda subject: next((check["detail"] for check in checks if check["subject"] == subject), "")
    said = lambda pattern, text: (re.search(pattern, text) or [None, None])[1]
    log = re.sub(r"\x1b\[[0-9;]*m", "", run.stderr)
    return {
        "auth": said(r'signing in method="(\w+)"', log),
        "profile": said(r'profile="([^"]+)"', log),
        "region": said(r"^([a-z0-9-]+) \(", detail("region")),
        "key_file": said(r"^(\S+) is for you alone", detail("key_file")),
        "fingerprint": said(r"fingerprint ([0-9a-f:]+)", detail("key")),
        "bundle": said(r"and those in (\S+)", detail("authorities")),
        "proxy": said(r"^(https?://\S+)", detail("proxy")),
        "text": run.stdout + log,
    }


class Situation:
    def __init__(self, name, files=None, env=None, args=(), credage=None, oracle=None, why=None):
        """`credage` and `oracle` are what each chooses where that is not the same; `why` says why not."""
        assert bool(why) == bool(oracle), name
        self.name, self.files, self.env, self.args = name, files or {}, env or {}, args
        self.credage, self.oracle, self.why = credage or {}, oracle, why


def situations(keys, root):
    one, two = keys
    own, other = one.lines(), two.lines(region="eu-frankfurt-1")
    session = f"security_token_file={root}/token\n"
    delegation = f"delegation_token_file={root}/token\n"
    cloud_shell = f"tenancy={TENANCY}\nregion=us-ashburn-1\n{delegation}"
    both = f"[DEFAULT]\n{own}\n[C2]\n{other}"
    settings = "[OCI_CLI_SETTINGS]\ndefault_profile=C2\n"
    variables = {"OCI_CLI_USER": two.user, "OCI_CLI_FINGERPRINT": two.fingerprint, "OCI_CLI_TENANCY": TENANCY,
                 "OCI_CLI_REGION": "uk-london-1"}
    pod = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH": f"{root}/token",
           "OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "OCI_RESOURCE_PRINCIPAL_REGION": "us-ashburn-1"}
    resource = {"OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "OCI_RESOURCE_PRINCIPAL_RPST": f"{root}/token",
                "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM": str(two.path), "OCI_RESOURCE_PRINCIPAL_REGION": "us-ashburn-1"}
    s = Situation
    yield s("the default profile", {"config": both})
    yield s("a profile by option", {"config": both}, args=["--profile", "C2"])
    yield s("a profile by variable", {"config": both}, {"OCI_CLI_PROFILE": "C2"})
    yield s("a profile of the settings", {"config": both, "oci_cli_rc": settings})
    yield s("the variable before the settings", {"config": both, "oci_cli_rc": settings}, {"OCI_CLI_PROFILE": "DEFAULT"})
    yield s("the option before the settings", {"config": both, "oci_cli_rc": settings}, args=["--profile", "DEFAULT"])
    yield s("settings elsewhere", {"config": both, "mine": settings}, {"OCI_CLI_RC_FILE": "~/.oci/mine"})
    yield s("the usual settings before those elsewhere", {"config": both, "mine": settings, "oci_cli_rc": ""},
            {"OCI_CLI_RC_FILE": "~/.oci/mine"})
    yield s("the former settings", {"config": both, "cli-defaults": settings})
    yield s("a default profile that is no setting", {"config": both, "oci_cli_rc": "[DEFAULT]\ndefault_profile=C2\n"})
    yield s("a region of the settings", {"config": both, "oci_cli_rc": f"{settings}[C2]\nregion=uk-london-1\n"})
    yield s("a region of the settings' DEFAULT", {"config": both, "oci_cli_rc": "[DEFAULT]\nregion=uk-london-1\n"})
    yield s("auth of the settings", {"config": f"[DEFAULT]\n{own}{session}", "oci_cli_rc": "[DEFAULT]\nauth=security_token\n"})
    yield s("auth of the profile in the settings",
            {"config": f"{both}{session}", "oci_cli_rc": f"{settings}[C2]\nauth=security_token\n"})
    yield s("auth by variable before the settings",
            {"config": f"[DEFAULT]\n{own}{session}", "oci_cli_rc": "[DEFAULT]\nauth=security_token\n"}, {"OCI_CLI_AUTH": "api_key"})
    yield s("auth as a setting", {"config": f"[DEFAULT]\n{own}{session}", "oci_cli_rc": "[OCI_CLI_SETTINGS]\nauth=security_token\n"},
            credage={"auth": "security_token"}, oracle={"auth": "api_key"},
            why="the CLI does not look there; whoever wrote it there meant it")
    yield s("OCI_REGION beside a region", {"config": both}, {"OCI_REGION": "uk-london-1"})
    yield s("OCI_REGION in a gap", {"config": f"[DEFAULT]\n{one.lines('region')}"}, {"OCI_REGION": "uk-london-1"})
    yield s("OCI_CLI_REGION", {"config": both}, {"OCI_CLI_REGION": "uk-london-1", "OCI_REGION": "us-phoenix-1"})
    yield s("a region by option", {"config": both}, {"OCI_CLI_REGION": "us-phoenix-1"}, ["--region", "uk-london-1"])
    yield s("a session that a profile inherits", {"config": f"[DEFAULT]\n{one.lines('user')}{session}\n[C2]\n{other}"},
            args=["--profile", "C2"])
    yield s("a session beside a key", {"config": f"[DEFAULT]\n{own}{session}"})
    yield s("key and session inherited", {"config": f"[DEFAULT]\n{own}{session}\n[C2]\nregion=uk-london-1\n"}, args=["--profile", "C2"])
    yield s("a session that is asked for", {"config": f"[DEFAULT]\n{own}{session}"}, {"OCI_CLI_AUTH": "security_token"})
    yield s("a session by option", {"config": f"[DEFAULT]\n{one.lines('user')}{session}"}, args=["--auth", "security_token"])
    yield s("a session in a variable", {"config": both}, {"OCI_CLI_SECURITY_TOKEN_FILE": f"{root}/token"})
    yield s("a session alone", {"config": f"[DEFAULT]\n{one.lines('user')}{session}"},
            credage={"auth": "security_token"}, oracle=REFUSED, why="there is nothing else to sign with")
    yield s("a session that inherits a user", {"config": f"[DEFAULT]\n{own}\n[C2]\n{two.lines('user')}{session}"},
            args=["--profile", "C2"], credage={"auth": "security_token"}, oracle={"auth": "api_key"},
            why="no service takes the user's name with the session's key")
    yield s("Cloud Shell", {"config": f"[us-ashburn-1]\n{cloud_shell}"},
            {"OCI_CLI_AUTH": "instance_obo_user", "OCI_CLI_PROFILE": "us-ashburn-1"})
    yield s("Cloud Shell for the SDK", {"config": f"[DEFAULT]\n{cloud_shell}authentication_type=instance_principal\n"})
    yield s("Cloud Shell's token in a variable", {"config": f"[DEFAULT]\ntenancy={TENANCY}\nregion=us-ashburn-1\n"},
            {"OCI_CLI_AUTH": "instance_obo_user", "OCI_CLI_DELEGATION_TOKEN_FILE": f"{root}/token"})
    yield s("a delegation token alone", {"config": f"[DEFAULT]\n{cloud_shell}"},
            credage={"auth": "instance_obo_user"}, oracle=REFUSED, why="there is nothing else to sign with")
    yield s("a key beside a delegation token", {"config": f"[DEFAULT]\n{own}{delegation}"})
    yield s("an instance", {"config": both}, {"OCI_CLI_AUTH": "instance_principal", "OCI_CLI_PROFILE": "C2"})
    yield s("a resource that is asked for", {"config": both}, {"OCI_CLI_AUTH": "resource_principal", **resource})
    yield s("a pod that is asked for", {"config": both}, {"OCI_CLI_AUTH": "oke_workload_identity", **pod})
    yield s("a pod with the version alone", {}, pod, credage={"auth": "oke_workload_identity"}, oracle=REFUSED,
            why="the CLI takes no such principal of its own accord; Oracle's Go SDK does")
    yield s("a profile by variable in a pod", {"config": both}, {"OCI_CLI_PROFILE": "C2", **pod})
    yield s("everything in variables", {}, {**variables, "OCI_CLI_KEY_FILE": str(two.path)})
    yield s("the key in a variable", {"config": both}, {**variables, "OCI_CLI_KEY_CONTENT": two.pem})
    for name, text in [("with letters for line breaks", two.pem.replace("\n", "\\n")),
                       ("in base64", base64.b64encode(two.pem.encode()).decode())]:
        yield s(f"the key in a variable {name}", {}, {**variables, "OCI_CLI_KEY_CONTENT": text},
                credage={"auth": "api_key", "fingerprint": two.fingerprint}, oracle=REFUSED,
                why="variables often carry keys so")
    yield s("a key of the former encryption", {"config": f"[DEFAULT]\n{own.replace(str(one.path), f'{root}/pbes1.pem')}pass_phrase=x1234\n"})
    yield s("a pass phrase that is inherited and not needed", {"config": f"[DEFAULT]\n{own}pass_phrase=x\n[C2]\n{other}"}, args=["--profile", "C2"])
    yield s("the usual file before OCI_CONFIG_FILE", {"config": both, "mine": f"[DEFAULT]\n{other}"}, {"OCI_CONFIG_FILE": "~/.oci/mine"})
    yield s("OCI_CONFIG_FILE alone", {"mine": f"[DEFAULT]\n{other}"}, {"OCI_CONFIG_FILE": "~/.oci/mine"})
    yield s("OCI_CLI_CONFIG_FILE", {"config": both, "mine": f"[DEFAULT]\n{other}"}, {"OCI_CLI_CONFIG_FILE": "~/.oci/mine"})
    bundles = {"OCI_CLI_CERT_BUNDLE": f"{root}/a.crt", "REQUESTS_CA_BUNDLE": f"{root}/b.crt", "CURL_CA_BUNDLE": f"{root}/c.crt"}
    for count in range(3):
        some = dict(list(bundles.items())[count:])
        yield s(f"a bundle of {next(iter(some))}", {"config": both}, some)
    yield s("a bundle of the settings", {"config": both, "oci_cli_rc": f"[DEFAULT]\ncert-bundle={root}/d.crt\n"}, dict(list(bundles.items())[1:]))
    yield s("a proxy of the settings", {"config": both, "oci_cli_rc": "[OCI_CLI_SETTINGS]\nproxy=http://127.0.0.1:9\n"}, {"NO_PROXY": "x.example"})


def compare(situation, root, place):
    home = root / f"home{place}"
    (home / ".oci").mkdir(parents=True)
    for name, text in situation.files.items():
        (home / ".oci" / name).write_text(text)
        (home / ".oci" / name).chmod(0o600)
    env = {"HOME": str(home), "PATH": os.environ["PATH"], **situation.env}
    one, two = theirs(env, situation.args), ours(env, situation.args)
    context = f"{situation.name}: {one}\n{two}"
    if situation.oracle == REFUSED:
        assert "refused" in one, context
        wanted = situation.credage
    else:
        assert "refused" not in one, context
        for name, value in (situation.oracle or {}).items():
            assert one[name] == value, context
        wanted = {name: value for name, value in one.items() if value is not None}
        if one["auth"] not in ("api_key", "security_token"):
            wanted = {name: value for name, value in wanted.items() if name not in ("key_file", "fingerprint")}
        wanted.update(situation.credage)
    if "OCI_CLI_KEY_CONTENT" in env or wanted["auth"] != "api_key":
        wanted.pop("key_file" if "OCI_CLI_KEY_CONTENT" in env else "fingerprint", None)
    if not situation.files.keys() & {"config", "mine"}:
        wanted.pop("profile", None)
    for name, value in wanted.items():
        assert two[name] == value, f"{name} should be {value}\n{context}"
    return len(wanted)


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        keys = [Key(root, "one"), Key(root, "two")]
        (root / "token").write_text(token())
        (root / "token").chmod(0o600)
        (root / "pbes1.pem").write_text(pbes1(keys[0], "x1234"))
        (root / "pbes1.pem").chmod(0o600)
        for name in "abcd":
            bundle(root / f"{name}.crt")
        table = list(situations(keys, root))
        values = sum(compare(situation, root, place) for place, situation in enumerate(table))
        differing = sum(bool(situation.why) for situation in table)
        print(f"{len(table)} situations compared in {values} values; {differing} differ on purpose")


main()
