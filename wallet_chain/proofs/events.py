"""One event, with the transaction that it happened in."""

from sqlalchemy import select

from wallet_chain.bank import Bank
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import ChainStateLost, NotFound
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.proofs.drafts import EventProof
from wallet_chain.store.tables import ChainEvent


def prove_event(bank: Bank, caller: Caller, query: EventProof) -> bytes:
    """That a contract emitted an event, in which transaction, and who sent that.

    The receipt and the transaction are in the bundle as a whole: a batch shows everybody's orders.
    Raises InvalidRequest, NotFound, ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    asked = {"transaction_hash": query.transaction_hash.lower(), "log_index": query.log_index}
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "event proof", None, asked)
        event = session.scalars(
            select(ChainEvent).where(
                ChainEvent.transaction_hash == asked["transaction_hash"],
                ChainEvent.log_index == query.log_index,
            )
        ).first()
        if event is None:
            raise NotFound(
                f"There is no event with log index {query.log_index} in that transaction; take both"
                " from an event of the books."
            )
        block, contract = event.block_number, event.contract
    assembly = Assembly(bank)
    for number, logs in assembly.fetch([block]):
        place = logs.place(query.log_index)
        if place is None:
            raise ChainStateLost(f"The node's block {number} lacks the event.", block=number)
        index, log = place
        emitted = logs.receipts[index]["logs"][log]
        assembly.need_transaction(block, index)
        assembly.need_receipt(block, index)
    assembly.need_state(block, contract)
    claim = {
        "kind": "event",
        "block": str(block),
        "transaction": str(index),
        "log": str(log),
        "address": contract.lower(),
        "topics": emitted["topics"],
        "data": emitted["data"],
    }
    return assembly.finish(claim, [block], query.pinned_block)
