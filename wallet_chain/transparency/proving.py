"""Proofs about the log, for checkpoints that were signed."""

import base64

from wallet_chain.bank import Bank
from wallet_chain.errors import InvalidRequest, NotFound
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.merkle import consistency_proof, inclusion_proof
from wallet_chain.store.tables import LogEntry
from wallet_chain.transparency.checkpoints import checkpoint_at, log_size, whole_note
from wallet_chain.transparency.views import ConsistencyView, InclusionView


def prove_inclusion(
    bank: Bank,
    caller: Caller,  # noqa: ARG001
    index: int,
    size: int | None = None,
) -> InclusionView:
    """That an entry is in the log at a checkpoint, the latest one by default.

    Raises NotFound: no such entry or checkpoint, or the checkpoint is from before the entry.
    """
    with bank.store.reading() as session:
        checkpoint = checkpoint_at(session, size)
        entry = session.get(LogEntry, index)
        if entry is None or index >= checkpoint.size:
            raise NotFound(
                f"There is no entry {index} in the checkpoint of {checkpoint.size} entries; a new"
                " entry is in the next checkpoint, a minute later at most."
            )
        hashes = inclusion_proof(session, index, checkpoint.size)
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in hashes)
        note = whole_note(session, checkpoint)
        return InclusionView(
            index=index,
            size=checkpoint.size,
            leaf=entry.leaf.decode(),
            hashes=tuple(each.hex() for each in hashes),
            proof=f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{note}",
        )


def prove_consistency(
    bank: Bank,
    caller: Caller,  # noqa: ARG001
    first_size: int,
    size: int,
) -> ConsistencyView:
    """That the log of ``size`` entries begins with that of ``first_size``.

    Raises InvalidRequest (the first one is larger), NotFound (the log is not that large).
    """
    if first_size > size:
        raise InvalidRequest("The first size is the smaller one.", field="first_size")
    with bank.store.reading() as session:
        entries = log_size(session)
        if size > entries:
            raise NotFound(f"The log has {entries} entries.")
        hashes = consistency_proof(session, first_size, size)
    return ConsistencyView(first_size, size, tuple(each.hex() for each in hashes))
