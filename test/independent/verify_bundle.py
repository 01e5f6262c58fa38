#!/usr/bin/env python3
"""Verifies an evidence bundle with Python's standard library and the openssl command, and nothing of this project.

    verify_bundle.py BUNDLE [--policy FILE]

Exit code 0: verified under the pinned policy. 2: consistent, but under the policy that the bundle brought along.
1: failed; the last line names the step.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile


class Failed(Exception):
    pass


def check(condition, says):
    if not condition:
        raise Failed(says)


# --- CBOR (RFC 8949): what the bundle holds is definite-length, with integers, strings, arrays, maps and tag 18.


def decode(data):
    value, rest = item(data)
    check(rest == b"", "bytes follow the CBOR item")
    return value


def item(data):
    check(data != b"", "the CBOR ends early")
    major, low = data[0] >> 5, data[0] & 31
    data = data[1:]
    if major == 7:
        if low in (20, 21, 22):
            return {20: False, 21: True, 22: None}[low], data
        check(low in (25, 26, 27), "an unknown simple value")
        size, code = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}[low]
        return struct.unpack(code, data[:size])[0], data[size:]
    if low < 24:
        number = low
    else:
        check(low < 28, "an indefinite or reserved length")
        size = 1 << (low - 24)
        check(len(data) >= size, "the CBOR ends early")
        number, data = int.from_bytes(data[:size], "big"), data[size:]
    if major == 0:
        return number, data
    if major == 1:
        return -1 - number, data
    if major in (2, 3):
        check(len(data) >= number, "the CBOR ends early")
        raw, data = data[:number], data[number:]
        return (raw if major == 2 else raw.decode("utf-8")), data
    if major == 4:
        items = []
        for _ in range(number):
            value, data = item(data)
            items.append(value)
        return items, data
    if major == 5:
        entries = {}
        for _ in range(number):
            key, data = item(data)
            check(not isinstance(key, (list, dict, float)) and key not in entries, "a bad map key")
            entries[key], data = item(data)
        return entries, data
    raise Failed("a tag where none is expected")


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for low, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | low]) + number.to_bytes(size, "big")


def byte_string(raw):
    return head(2, len(raw)) + raw


# --- Signatures, by openssl.

SPKI_HEAD = bytes.fromhex("302a300506032b6570032100")  # RFC 8410


def signed_by(public_key, message, signature):
    if len(public_key) != 32 or len(signature) != 64:
        return False
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, content in (("key", SPKI_HEAD + public_key), ("message", message), ("signature", signature)):
            paths[name] = os.path.join(folder, name)
            with open(paths[name], "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key"], "-rawin"]
        command += ["-in", paths["message"], "-sigfile", paths["signature"]]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Sign1:
    """COSE_Sign1 (RFC 9052 4.2) with Ed25519."""

    def __init__(self, data):
        check(data[:1] == b"\xd2", "no tag 18")
        message = decode(data[1:])
        check(isinstance(message, list) and len(message) == 4, "not a COSE_Sign1")
        self.protected, unprotected, self.payload, self.signature = message
        check(unprotected == {}, "the unprotected header is not empty")
        self.header = decode(self.protected)
        check(self.header.get(1) in (-8, -19), "the algorithm is not Ed25519")
        self.key_id = self.header.get(4)

    def signed_by(self, public_key):
        parts = (b"\x84", b"\x6aSignature1", byte_string(self.protected), b"\x40", byte_string(self.payload))
        return signed_by(public_key, b"".join(parts), self.signature)


def thumbprint(public_key):
    """RFC 9679: SHA-256 of the COSE_Key {1: 1, -1: 6, -2: x}."""
    return hashlib.sha256(bytes.fromhex("a301012006215820") + public_key).digest()


# --- Merkle trees (RFC 9162 2.1.3.2).


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root_from(index, size, leaf, path):
    check(0 <= index < size, "the index is not below the size")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        check(sn != 0, "the inclusion path is too long")
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\1" + p + r).digest()
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = hashlib.sha256(b"\1" + r + p).digest()
        fn >>= 1
        sn >>= 1
    check(sn == 0, "the inclusion path is too short")
    return r


# --- Signed notes, checkpoints, proofs and policies (C2SP).


class Vkey:
    def __init__(self, text):
        self.name, key_id, key = text.split("+", 2)
        raw = base64.b64decode(key, validate=True)
        self.kind, self.public_key = raw[0], raw[1:]
        self.key_id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        check(self.key_id.hex() == key_id, "the id of key %s does not match" % self.name)

    @staticmethod
    def of(name, public_key):
        return Vkey("%s+%s+%s" % (
            name,
            hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4].hex(),
            base64.b64encode(b"\1" + public_key).decode(),
        ))


class Note:
    def __init__(self, text):
        split = text.rindex("\n\n")
        self.text = text[: split + 1]
        self.lines = []
        for line in text[split + 2 :].rstrip("\n").split("\n"):
            match = re.fullmatch("\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)", line)
            check(match, "a malformed signature line")
            raw = base64.b64decode(match[2], validate=True)
            self.lines.append((match[1], raw[:4], raw[4:]))

    def signature_of(self, vkey):
        for name, key_id, blob in self.lines:
            if name == vkey.name and key_id == vkey.key_id:
                return blob
        return None

    def checkpoint(self):
        origin, size, root, end = self.text.split("\n")
        check(end == "", "the checkpoint has extension lines")
        return origin, int(size), base64.b64decode(root, validate=True)

    def open(self, vkey):
        blob = self.signature_of(vkey)
        check(blob is not None, "%s has not signed the checkpoint" % vkey.name)
        check(signed_by(vkey.public_key, self.text.encode(), blob), "the signature of %s is wrong" % vkey.name)
        origin, size, root = self.checkpoint()
        check(origin == vkey.name, "the checkpoint is of another log")
        return origin, size, root

    def cosigned_by(self, vkey):
        """cosignature/v1: the time, if this witness has cosigned."""
        blob = self.signature_of(vkey)
        if blob is None:
            return None
        time = int.from_bytes(blob[:8], "big")
        message = "cosignature/v1\ntime %d\n%s" % (time, self.text)
        check(signed_by(vkey.public_key, message.encode(), blob[8:]), "the cosignature of %s is wrong" % vkey.name)
        return time


class TlogProof:
    def __init__(self, text):
        proof, self.note = text.split("\n\n", 1)
        first, index, *path = proof.split("\n")
        check(first == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "not a tlog-proof")
        self.index = int(index[6:])
        self.path = [base64.b64decode(line, validate=True) for line in path]


class Policy:
    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.logs.append(Vkey(words[1]))
            elif words[0] == "witness":
                self.witnesses[words[1]] = Vkey(words[2])
            elif words[0] == "group":
                members = words[3:]
                self.groups[words[1]] = ({"all": len(members), "any": 1}.get(words[2]) or int(words[2]), members)
            elif words[0] == "quorum":
                self.quorum = words[1]
            else:
                raise Failed("an unknown line in the policy: " + line)
        check(self.quorum is not None and self.quorum != "none", "the policy asks for no quorum")

    def log_of(self, note):
        for vkey in self.logs:
            if note.signature_of(vkey) is not None:
                return vkey
        raise Failed("no log key of the policy has signed the checkpoint")

    def check_quorum(self, note):
        times = {name: note.cosigned_by(vkey) for name, vkey in self.witnesses.items()}
        present = {name for name, time in times.items() if time is not None}

        def met(name):
            if name not in self.groups:
                return name in present
            threshold, members = self.groups[name]
            return sum(met(member) for member in members) >= threshold

        check(met(self.quorum), "the cosignatures of %s do not reach the quorum" % ", ".join(sorted(present)))
        return sorted(present)


class ProvenEntry:
    """A ledger entry (FORMAT 5) with the effects it commits to and its proof of inclusion."""

    def __init__(self, fields):
        self.leaf = base64.b64decode(fields["entry"], validate=True)
        self.height, self.time, transaction, self.code, effects_hash = decode(self.leaf)[:5]
        effects = base64.b64decode(fields["effects"], validate=True)
        check(hashlib.sha256(effects).digest() == effects_hash, "the effects are not those of the entry")
        self.effects = {key: value for key, value in decode(effects)}
        self.transaction = Sign1(transaction)
        self.content = decode(self.transaction.payload)
        self.proof = TlogProof(fields["proof"])
        self.note = Note(self.proof.note)

    def written(self, key):
        check(self.effects.get(key) is not None, "the entry does not write " + key)
        return decode(self.effects[key])

    def key(self, key_id, role):
        record = self.written("key/" + key_id.hex())
        check(record["role"] == role and record["status"] == "active", "the entry enrols no %s key" % role)
        check(thumbprint(record["key"]) == key_id, "the key id is not that of the key")
        return record


def indices(runs):
    """FORMAT 4.3: pass over so many entries, take so many, and so on."""
    taken, at = set(), 0
    check(len(runs) > 0 and len(runs) % 2 == 0, "the entries of a disposition are no pairs")
    for passed, count in zip(runs[::2], runs[1::2]):
        at += passed
        taken.update(range(at, at + count))
        at += count
    return taken


def verify(bundle, pinned, step):
    step("bundle", bundle["format"])
    check(bundle["format"] == "muniment-evidence/1", "an unknown format")
    check(pinned is None or pinned == bundle["policy"], "the bundle was made under another policy")
    policy = Policy(bundle["policy"])

    raw = base64.b64decode(bundle["statement"], validate=True)
    statement = Sign1(raw)
    claims = statement.header[15]
    sequence = int.from_bytes(claims[7], "big")
    check(type(claims[6]) is int, "the time of issue is no integer")
    clock = ", by a device without a clock" if claims[6] == 0 else ""
    step("statement", "%s at %s, sequence %d%s" % (claims[1], claims[2], sequence, clock))
    disposition_entry = None
    if 258 in statement.header:
        check(statement.header[258] == -16 and 3 not in statement.header, "not a SHA-256 hash envelope")
        if "disposition" in bundle:
            check("body" not in bundle, "a body that was destroyed is here")
            disposition_entry = ProvenEntry(bundle["disposition"])
            disposition = disposition_entry.content
            check(disposition["kind"] == "disposition" and disposition_entry.code == 0, "the entry is no disposition")
            taken = TlogProof(bundle["gatewayProof"]).index in indices(disposition["body"]["entries"])
            check(taken, "the disposition does not take this entry")
            step("body", "withheld by entry %d: %s" % (disposition_entry.proof.index, disposition["body"]["citation"]))
        elif "body" in bundle:
            body = base64.b64decode(bundle["body"], validate=True)
            check(hashlib.sha256(body).digest() == statement.payload, "the body is not the one that was signed")
            step("body", "%d records" % len(decode(body)))
    else:
        check("body" not in bundle and "disposition" not in bundle, "a reading has no separate body")

    device_entry = ProvenEntry(bundle["deviceKey"])
    device = device_entry.key(statement.key_id, "device")
    step("device-signature", "device %s" % device["subject"])
    check(statement.signed_by(device["key"]), "the device has not signed the statement")

    anchor_entry = ProvenEntry(bundle["anchor"])
    anchor = anchor_entry.content
    check(anchor["kind"] == "anchor", "the entry is no anchor")
    gateway_id = anchor["body"]["gateway"]
    gateway = anchor_entry.written("gateway/" + gateway_id)
    proof = TlogProof(bundle["gatewayProof"])
    step("gateway-log", "entry %d" % proof.index)
    origin, size, root = Note(proof.note).open(Vkey.of(gateway["origin"], gateway["logKey"]))
    check(root_from(proof.index, size, leaf_hash(raw), proof.path) == root, "the statement is not in the log")

    step("anchor", "height %d" % anchor_entry.height)
    check(anchor["body"]["checkpoint"] == proof.note, "another checkpoint was anchored")
    check((gateway["size"], gateway["root"]) == (size, root), "the ledger took another size or root")
    gateway_entry = ProvenEntry(bundle["gatewayKey"])
    key = gateway_entry.key(anchor_entry.transaction.key_id, "gateway")
    check(key["subject"] == gateway_id, "the anchor is by another gateway")
    check(anchor_entry.transaction.signed_by(key["key"]), "the gateway has not signed the anchor")
    check(anchor_entry.code == 0, "the anchor was not accepted")

    entries = [anchor_entry, gateway_entry, device_entry]
    if disposition_entry is not None:
        entries.append(disposition_entry)
        check(disposition["body"]["gateway"] == gateway_id, "the disposition is of another gateway's entries")
        check(disposition_entry.proof.index > anchor_entry.proof.index, "destroyed before it was anchored")
    step("ledger-log", "entries %s" % ", ".join(str(entry.proof.index) for entry in entries))
    for entry in entries:
        origin, size, root = entry.note.open(policy.log_of(entry.note))
        check(root_from(entry.proof.index, size, leaf_hash(entry.leaf), entry.proof.path) == root, "an entry is not in the ledger")
        check(entry.content["ledger"] == origin, "a transaction was meant for another ledger")
        check(entry.proof.index > 0, "entry 0 is the genesis document")
    for entry in (gateway_entry, device_entry):
        check(entry.proof.index <= anchor_entry.proof.index, "a key was enrolled after the anchor")

    step("quorum", policy.quorum)
    for note in {entry.proof.note for entry in entries}:
        step("quorum", "cosigned by " + ", ".join(policy.check_quorum(Note(note))))


def main():
    parser = argparse.ArgumentParser(description="Verifies an evidence bundle offline.")
    parser.add_argument("bundle")
    parser.add_argument("--policy", help="tlog-policy file that was obtained beforehand")
    arguments = parser.parse_args()
    current = ["bundle"]

    def step(name, says):
        current[0] = name
        print("%-17s %s" % (name, says))

    try:
        with open(arguments.bundle, encoding="utf-8", newline="") as file:
            bundle = json.load(file)
        pinned = None
        if arguments.policy:
            with open(arguments.policy, encoding="utf-8", newline="") as file:
                pinned = file.read()
        verify(bundle, pinned, step)
    except Failed as failure:
        print("FAILED at %s: %s" % (current[0], failure))
        return 1
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, struct.error) as error:
        print("FAILED at %s: malformed: %r" % (current[0], error))
        return 1
    print("verified" if pinned is not None else "consistent, issuer not trusted")
    return 0 if pinned is not None else 2


if __name__ == "__main__":
    sys.exit(main())
