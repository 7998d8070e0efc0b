"""Verifies signatures of a review without Vauban, from what docs/guides/recurring-reviews.md says of the format.

python verify_signature.py DOCUMENT SIGNATURES PUBLIC_KEY...   exits with 1 when a signature does not hold
python verify_signature.py --try VAUBAN DOCUMENT               makes keys with OpenSSL's library and with Vauban, lets
                                                               Vauban sign with both, verifies, and breaks what it can

Uses `cryptography` from PyPI, which is OpenSSL and not the library that Vauban signs with.
"""

import base64
import hashlib
import json
import pathlib
import stat
import subprocess
import sys
import tempfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read_keys(paths):
    keys = {}
    for path in paths:
        key = serialization.load_pem_public_key(pathlib.Path(path).read_bytes())
        assert isinstance(key, Ed25519PublicKey), f"{path} is no Ed25519 key"
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        keys["sha256:" + sha256(der)] = key
    return keys


def verify(document, signatures, keys):
    """What is wrong, line by line; nothing for a chain that holds."""
    errors, previous = [], None
    for number, line in enumerate(signatures.decode().splitlines(), 1):
        envelope = json.loads(line)
        payload = base64.b64decode(envelope["payload"], validate=True)
        (signature,) = envelope["signatures"]
        # DSSE, version 1: the pre-authentication encoding.
        kind = envelope["payloadType"].encode()
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        key = keys.get(signature["keyid"])
        if envelope["payloadType"] != PAYLOAD_TYPE:
            errors.append(f"line {number}: payload type")
        if key is None:
            errors.append(f"line {number}: unknown key")
        else:
            try:
                key.verify(base64.b64decode(signature["sig"], validate=True), signed)
            except InvalidSignature:
                errors.append(f"line {number}: bad signature")
        statement = json.loads(payload)
        (subject,) = statement["subject"]
        predicate = statement["predicate"]
        if statement["_type"] != "https://in-toto.io/Statement/v1":
            errors.append(f"line {number}: statement type")
        if subject["digest"]["sha256"] != sha256(document):
            errors.append(f"line {number}: changed document")
        link = predicate["previous"] and predicate["previous"]["sha256"]
        if link != previous or predicate["sequence"] != number or predicate["key"] != signature["keyid"]:
            errors.append(f"line {number}: broken link")
        previous = sha256(payload)
    return errors


def main():
    document, signatures, *keys = sys.argv[1:]
    errors = verify(pathlib.Path(document).read_bytes(), pathlib.Path(signatures).read_bytes(), read_keys(keys))
    for error in errors:
        print(error)
    print("broken" if errors else "every signature holds")
    sys.exit(1 if errors else 0)


def attempt(vauban, document):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        review = folder / "vauban.json"
        review.write_bytes(pathlib.Path(document).read_bytes())
        # One pair from here, in the form that `openssl genpkey -algorithm ed25519` writes, one from Vauban.
        ours = Ed25519PrivateKey.generate()
        form = serialization.PrivateFormat.PKCS8
        (folder / "theirs.key.pem").write_bytes(
            ours.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        )
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        (folder / "theirs.pub.pem").write_bytes(ours.public_key().public_bytes(serialization.Encoding.PEM, form))
        run = lambda *words: subprocess.run([vauban, *words], check=True, cwd=folder, capture_output=True, text=True)
        run("sign", "keygen", "own")
        assert stat.S_IMODE((folder / "own.key.pem").stat().st_mode) == 0o600, "the private key can be read by others"
        assert subprocess.run([vauban, "sign", "keygen", "own"], cwd=folder, capture_output=True).returncode == 2
        private = serialization.load_pem_private_key((folder / "own.key.pem").read_bytes(), None)
        public = serialization.load_pem_public_key((folder / "own.pub.pem").read_bytes())
        assert private.public_key() == public, "the two halves of a pair do not belong together"
        for number, (key, decision) in enumerate([("own", "approve"), ("theirs", "comment"), ("own", "approve")]):
            run("sign", "--from", "vauban.json", "--key", f"{key}.key.pem", "--decision", decision, "--by", "Käthe \"=1+1\"",
                "--role", "security", "--comment", f"number {number}", "--now", "2026-11-21T09:00:00Z")
        signatures = (folder / "vauban.json.signatures.jsonl").read_bytes()
        keys = read_keys([folder / "own.pub.pem", folder / "theirs.pub.pem"])
        data = review.read_bytes()
        assert verify(data, signatures, keys) == [], verify(data, signatures, keys)
        # What is signed again with the same key at the same time has the same bytes, as RFC 8032 promises.
        payload = base64.b64decode(json.loads(signatures.splitlines()[1])["payload"])
        encoded = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
        assert base64.b64encode(ours.sign(encoded)).decode() == json.loads(signatures.splitlines()[1])["signatures"][0]["sig"]
        lines = signatures.splitlines(keepends=True)
        assert verify(data + b" ", signatures, keys) == [f"line {number}: changed document" for number in (1, 2, 3)]
        assert "line 2: broken link" in verify(data, lines[0] + lines[2], keys)
        assert verify(data, signatures, read_keys([folder / "own.pub.pem"])) == ["line 2: unknown key"]
        print("signatures hold and break where they must, with OpenSSL as with Vauban")


if __name__ == "__main__":
    attempt(*sys.argv[2:]) if sys.argv[1] == "--try" else main()
