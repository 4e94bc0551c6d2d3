"""Examples of what the transparency log answers."""

from typing import Any

from api.example_parts import euros
from wallet_chain.proofs.views import CloseView
from wallet_chain.transparency.views import (
    AnchorView,
    CheckpointView,
    ConsistencyView,
    CosignatureView,
    InclusionView,
    LogEntryView,
    LogView,
)

_NOW = 1_772_440_200
_ID = "01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_ORIGIN = "bank.example/log"
_ROOT = "2ac514629a983e3e1d90c8080140a89bf5da8e3ee1d9f07630f0378f68f1ab62"
_NOTE = (
    f"{_ORIGIN}\n42\nKsUUYpqYPj4dkMgIAUCom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    f"— {_ORIGIN} Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
    "+xeMcTOAYQ8=\n"
)
_LEAF = f'{{"at":"{_NOW}","commitment":"{"5d" * 32}","form":"wallet-chain-fact/1","kind":"access"}}'
_LOOK = f'{{"action":"customer","at":{_NOW},"id":7,"principal_id":"prn_{_ID}"}}'

EXAMPLES_LOG: dict[Any, Any] = {
    CloseView: CloseView(
        day="2026-03-01",
        currency="EUR",
        block_number=1_041,
        block_hash="0x" + "9c" * 32,
        accounts=214,
        supply=euros(45_000_000),
        customers=euros(44_120_000),
        escrowed=euros(880_000),
        reserves=euros(100_000_000),
        reserves_as_of=_NOW - 7_200,
        covered=True,
        digest="5d" * 32,
        size=182_044,
        taken_at=_NOW,
        log_subject="close_20513_EUR",
    ),
    AnchorView: AnchorView(
        day=20_514,
        size=42,
        root=_ROOT,
        block_number=1_042,
        transaction_hash="0x" + "9c" * 32,
        log_index=0,
    ),
    LogView: LogView(
        origin=_ORIGIN,
        verifier_key=f"{_ORIGIN}+2d9e3b7f+AWx6sW3s1Yk0sQxqg3aVQn0u0e4w1l5m8c0m1b2n3v4x",
        witnesses=("witness.example/w1+5a7c1e90+BGx6sW3s1Yk0sQxqg3aVQn0u0e4w1l5m8c0m1b2n3v4x",),
        size=44,
        checkpoint_size=42,
    ),
    CheckpointView: CheckpointView(
        size=42,
        root=_ROOT,
        note=_NOTE,
        at=_NOW,
        cosignatures=(CosignatureView("witness.example/w1", _NOW + 3),),
    ),
    LogEntryView: LogEntryView(
        index=41,
        kind="access",
        at=_NOW,
        subject="acc_7",
        customer_id=f"cus_{_ID}",
        leaf=_LEAF,
        record={"action": "customer", "at": _NOW, "id": 7, "principal_id": f"prn_{_ID}"},
        record_text=_LOOK,
        salt="7e" * 32,
    ),
    InclusionView: InclusionView(
        index=41,
        size=42,
        leaf=_LEAF,
        hashes=(_ROOT,),
        proof="c2sp.org/tlog-proof@v1\nindex 41\nKsUUYpqYPj4dkMgIAUCom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        + _NOTE,
    ),
    ConsistencyView: ConsistencyView(first_size=40, size=42, hashes=(_ROOT,)),
}
