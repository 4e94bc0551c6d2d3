"""How long proofs take to build and to verify, and how large they are."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from scripts.bench_wallet import Town, lone_payments_ms, pay_all_at_once
from scripts.server_process import ServerProcess
from wallet_chain.cli.client import ApiClient
from wallet_chain.clock import monotonic_seconds
from wallet_chain.verifier import read_trust, verify
from wallet_chain.verifier.rlp import decode_list, scalar

PAYERS = 32
PROOFS = "/v1/audit/proofs"


def proofs(orders: int, runs: int, say: Console) -> dict[str, Any]:
    """Each kind of bundle of a running server: milliseconds to get, to verify, and bytes.

    To get one includes HTTP, the record of the look, and the chain's process; payments are first
    made all at once, so that they lie in batches, then one by one.
    """
    with TemporaryDirectory(prefix="wallet-chain-bench-") as folder:
        server = ServerProcess(Path(folder))
        try:
            server.start()
            say.print(f"onboarding {PAYERS} customers")
            town = Town(server.url, server.admin_key())
            payers = town.payers(PAYERS)
            pay_all_at_once(server.url, payers, town.key("operator"), orders)
            lone_payments_ms(server.url, payers, 20)
            auditor = town.client("auditor")
            say.print("proving and verifying")
            measured = _measured(auditor, payers[0].account, payers[5].account, runs)
        finally:
            server.kill(whole_group=True)
    return {
        "bench": "proofs",
        **measured,
        "orders": orders,
        "runs": runs,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _measured(auditor: ApiClient, account: str, in_batches: str, runs: int) -> dict[str, Any]:
    (event,) = auditor.get("/v1/audit/events", account=account, limit=1)["items"]
    place = {"transaction_hash": event["transaction_hash"], "log_index": event["log_index"]}
    last = auditor.get("/v1/audit/chain")["indexed_block"]
    linked = {"pinned_block": last}
    statement = {"currency": "EUR"}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "balance": (f"{PROOFS}/balances", {"account": account, "currency": "EUR"}),
        "total": (f"{PROOFS}/totals/EUR", {}),
        "event": (f"{PROOFS}/events", place),
        "event_linked": (f"{PROOFS}/events", place | linked),
        "statement": (f"{PROOFS}/statements/{account}", statement),
        "statement_by_heads": (
            f"{PROOFS}/statements/{account}",
            statement | {"evidence": "heads"},
        ),
        "statement_in_batches": (f"{PROOFS}/statements/{in_batches}", statement),
    }
    found: dict[str, Any] = {}
    for name, (path, query) in asked.items():
        build = _times(lambda p=path, q=query: auditor.content(p, **q), runs)  # type: ignore[misc]
        content = auditor.content(path, **query)
        # Without seals a bundle is final up to its own last block, so that one is pinned.
        head = _last_block(content)
        trust = read_trust(json.loads(auditor.content("/v1/audit/trust", block=head)))
        report = verify(content, trust)
        check = _times(lambda c=content, t=trust: verify(c, t), runs)  # type: ignore[misc]
        assert report.verdict == "VALID", (name, report)
        lines = len(report.facts.get("lines", ()))
        blocks = len(json.loads(content)["blocks"])
        found[name] = {
            "get_ms_p50": build,
            "verify_ms_p50": check,
            "bytes": len(content),
            "headers": blocks,
        }
        if lines:
            found[name] |= {"lines": lines, "bytes_per_line": len(content) // lines}
    return found


def _last_block(bundle: bytes) -> int:
    fields = decode_list(bytes.fromhex(json.loads(bundle)["blocks"][-1]["header"][2:]))
    return scalar(fields[8])


def _times(work: Callable[[], object], runs: int) -> float:
    """The median in milliseconds."""
    took = []
    for _ in range(runs):
        started = monotonic_seconds()
        work()
        took.append(1000 * (monotonic_seconds() - started))
    return round(statistics.median(took), 2)
