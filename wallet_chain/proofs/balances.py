"""What one account held."""

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_asked, last_entry, look_at_account
from wallet_chain.bank.witness import looking
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.proofs.drafts import BalanceProof
from wallet_chain.proofs.states import need_states, state_of


def prove_balance(bank: Bank, caller: Caller, query: BalanceProof) -> bytes:
    """What an account held at the end of a block.

    Raises InvalidRequest, InvalidAddress, UnknownCurrency, NotFound, NotReady, ProofUnavailable,
    ChainStateLost, ChainUnavailable.
    """
    account, currency = read_address(query.account), currency_named(query.currency).code
    with looking(bank, caller) as session:
        asked = {"currency": currency, "block": query.block_number, "at": query.at}
        look_at_account(bank, session, caller, "balance proof", account, asked)
        block = block_asked(bank, session, query.block_number, query.at).number
        state = state_of(last_entry(session, account, currency, block_to=block))
    assembly = Assembly(bank)
    need_states(bank, assembly, block, currency, [state], [account])
    claim = {"kind": "balance", "currency": currency, "account": account.lower(), **state}
    return assembly.finish(claim | {"block": str(block)}, [block], query.pinned_block)
