#!/usr/bin/env python3
"""Verifies Leo audit files; a second implementation of docs/audit-format.md, on the standard library of Python 3.10 alone.

    audit_verify.py FILE... [--expect-head HASH] [--expect-count N]

Prints one JSON object per file. Exit status: 0 all intact, 1 something is damaged, 2 a file cannot be read.
"""

import argparse
import hashlib
import json
import re
import sys

FORMAT = 1
GENESIS = "0" * 64
MAX_LINE = 4 << 20
MEMBERS = {"event", "format", "hash", "prev", "segment", "seq"}
HASH = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Damage(Exception):
    """A record is not as it was written; the argument is the reason's name."""


def number(value):
    """A number as ECMAScript writes it (RFC 8785, 3.2.2.3)."""
    value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        fraction = "." + digits[1:] if count > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return sign + text


def canonical(value):
    """The canonical JSON text of a value (RFC 8785)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    # Names are sorted by their UTF-16 code units.
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"


def no_constant(name):
    raise ValueError(name + " is not JSON")


def read_record(line):
    """Checks all that one line (without its newline) can tell, and returns the record."""
    if len(line) > MAX_LINE:
        raise Damage("malformed")
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=no_constant)
        text = canonical(record).encode("utf-8")
    except (ValueError, OverflowError, RecursionError):
        raise Damage("malformed") from None
    if text != line:
        raise Damage("not_canonical")
    if not isinstance(record, dict) or set(record) != MEMBERS or not isinstance(record["event"], dict):
        raise Damage("malformed")
    for name, pattern in (("hash", HASH), ("prev", HASH), ("segment", NAME)):
        if not isinstance(record[name], str) or not pattern.fullmatch(record[name]):
            raise Damage("malformed")
    for name in ("seq", "format"):
        if type(record[name]) is not int or not 0 <= record[name] < 1 << 64:
            raise Damage("malformed")
    if record["format"] != FORMAT:
        raise Damage("unknown_format")
    rest = {name: value for name, value in record.items() if name != "hash"}
    if hashlib.sha256(canonical(rest).encode("utf-8")).hexdigest() != record["hash"]:
        raise Damage("hash")
    return record


def note_attempt(event, seq, attempts):
    """Announced statements and tool calls wait in `attempts` for the event that closes them."""
    if isinstance(event.get("attempt"), str):
        attempts.pop(event["attempt"], None)
    elif (
        event.get("action") in ("statement", "tool_invocation")
        and not isinstance(event.get("status"), str)
        and isinstance(event.get("id"), str)
    ):
        attempts[event["id"]] = seq


def unexpected(report, hashes_seen, expect_head, expect_count):
    """Why the file does not match what was published, or None."""
    if expect_count is not None and expect_count > report["records"]:
        return "fewer sound records than were published"
    if expect_head is not None:
        if expect_count is None and expect_head not in hashes_seen.values():
            return "no record has the published hash"
        if expect_count and hashes_seen.get(expect_count) != expect_head:
            return "the record does not have the published hash"
    return None


def verify(path, expect_head=None, expect_count=None):
    report = {"records": 0, "first_bad": None, "torn_bytes": None, "segments": 0, "head": None}
    count, head, segment, attempts, seen = 0, GENESIS, None, {}, {}
    with open(path, "rb") as file:
        while line := file.readline(MAX_LINE + 2):
            if line.endswith(b"\n"):
                line = line[:-1]
            elif len(line) <= MAX_LINE:
                report["torn_bytes"] = len(line)
                break
            try:
                record = read_record(line)
                if record["seq"] != count + 1:
                    raise Damage("sequence")
                if record["prev"] != head:
                    raise Damage("previous")
            except Damage as damage:
                report["first_bad"] = {"line": count + 1, "reason": str(damage)}
                break
            count, head = record["seq"], record["hash"]
            report["segments"] += record["segment"] != segment
            segment = record["segment"]
            note_attempt(record["event"], count, attempts)
            # Only what may be asked for below is kept, so that memory stays bounded.
            if count == expect_count or head == expect_head:
                seen[count] = head
    report["records"] = count
    report["head"] = {"count": count, "hash": head} if count else None
    report["attempts_without_outcome"] = sorted(attempts.values())
    report["unexpected"] = unexpected(report, seen, expect_head, expect_count)
    report["intact"] = report["first_bad"] is None and report["unexpected"] is None
    return report


def main():
    parser = argparse.ArgumentParser(description="Verifies Leo audit files.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--expect-head", metavar="HASH", help="a published hash: some record must have it")
    parser.add_argument("--expect-count", metavar="N", type=int, help="a published number of records")
    options = parser.parse_args()
    status = 0
    for path in options.files:
        try:
            report = verify(path, options.expect_head, options.expect_count)
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        print(json.dumps({"file": path, **report}))
        if not report["intact"]:
            status = max(status, 1)
    return status


if __name__ == "__main__":
    sys.exit(main())
