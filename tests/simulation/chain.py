"""The audit chain held against what travelled, by the published shape of its entries alone."""

from collections import Counter
from hashlib import sha256

import orjson


def faults_of(chain, sent):
    """Yield what is wrong with a chain.

    Args:
        chain: the entries as their contract shapes them.
        sent: the SHA-256 of every body that reached the diary.
    """
    previous, claimed, attempts = "0" * 64, Counter(), set()
    for seq, entry in enumerate(chain, 1):
        sealed = {name: value for name, value in entry.items() if name != "hash"}
        wanted = sha256(orjson.dumps(sealed, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if (entry["seq"], entry["previous"], entry["hash"]) != (seq, previous, wanted):
            yield f"the audit chain breaks at its entry {seq}"
            return
        previous = entry["hash"]
        if entry["event"] == "batch.claimed":
            attempt = entry["details"]["batch"], entry["details"]["attempt"]
            if attempt in attempts:
                yield "one attempt has two audit entries"
            attempts.add(attempt)
            claimed[entry["details"]["body_sha256"]] += 1
    if missing := [mark for mark in sent if not claimed[mark]]:
        yield f"{len(missing)} batches travelled without an audit entry"
