#!/usr/bin/env python3
"""Signs one device statement with nothing of Muniment's: CBOR written by hand, the signature by the openssl command line.

usage: sign_statement.py KEY.pem URN PLACE SEQUENCE ISSUED_AT NAME UNIT VALUE   (statement on standard output)

A VALUE that is no number is written as text, an empty UNIT not at all; with ISSUED_AT 0 the device has no clock.
"""
import hashlib
import re
import struct
import subprocess
import sys
import tempfile


def head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    for info, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if value < 1 << (8 * struct.calcsize(form)):
            return bytes([major << 5 | info]) + struct.pack(form, value)
    raise ValueError(value)


def uint(value: int) -> bytes:
    return head(0, value)


def nint(value: int) -> bytes:
    return head(1, -1 - value)


def bstr(value: bytes) -> bytes:
    return head(2, len(value)) + value


def tstr(value: str) -> bytes:
    raw = value.encode()
    return head(3, len(raw)) + raw


def number(text: str) -> bytes:
    if "." not in text:
        return uint(int(text))
    value = float(text)
    for form, initial in ((">e", 0xF9), (">f", 0xFA), (">d", 0xFB)):
        try:
            packed = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == value:
            return bytes([initial]) + packed
    raise ValueError(text)


def value_of(text: str) -> bytes:
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return uint(2) + number(text)
    return uint(3) + tstr(text)


def openssl(*args: str) -> bytes:
    return subprocess.run(["openssl", *args], check=True, capture_output=True).stdout


def main() -> None:
    key, urn, place, sequence, issued_at, name, unit, value = sys.argv[1:]
    public = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
    thumbprint = hashlib.sha256(head(5, 3) + uint(1) + uint(1) + nint(-1) + uint(6) + nint(-2) + bstr(public)).digest()
    claims = head(5, 4) + uint(1) + tstr(urn) + uint(2) + tstr(place) + uint(6) + uint(int(issued_at)) + uint(7) + bstr(struct.pack(">I", int(sequence)))
    protected = head(5, 4) + uint(1) + nint(-8) + uint(3) + uint(112) + uint(4) + bstr(thumbprint) + uint(15) + claims
    with_unit = uint(1) + tstr(unit) if unit else b""
    record = head(5, 4 if unit else 3) + uint(0) + tstr(name) + with_unit + value_of(value) + nint(-3) + uint(int(issued_at))
    payload = head(4, 1) + record
    to_be_signed = head(4, 4) + tstr("Signature1") + bstr(protected) + bstr(b"") + bstr(payload)
    with tempfile.NamedTemporaryFile() as message:
        message.write(to_be_signed)
        message.flush()
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message.name)
    sys.stdout.buffer.write(b"\xd2" + head(4, 4) + bstr(protected) + head(5, 0) + bstr(payload) + bstr(signature))


main()
