"""Quotes that no provider signed as they stand, brought to the contract past the bank."""

from typing import Any

import pytest

from tests.crossborder.abroad import quoted
from tests.town import Town
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import Fees, LocalSigner, send_raw, sign_transaction
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Quote


def forge(town: Town, quote_id: str, **changes: Any) -> tuple[Any, Any, bytes, bytes]:
    """A signed transfer with a quote that was changed after its provider signed it."""
    book = town.bank.contracts.book
    domain = domain_for(book, "CrossBorder")
    with town.bank.store.reading() as session:
        quote = session.get_one(Quote, quote_id)
        message, signature = dict(quote.message), quote.signature
    message |= {name: value for name, value in changes.items() if name in message}
    if "signer" in changes:
        signature = changes["signer"].sign_digest(order_digest("quote", domain, message))
    order = {
        "quote": order_digest("quote", domain, message),
        "provider": message["provider"],
        "sender": town.clara.account,
        "recipient": town.li.account,
        "sourceCurrency": message["sourceCurrency"],
        "sourceAmount": message["sourceAmount"],
        "targetCurrency": message["targetCurrency"],
        "targetAmount": message["targetAmount"],
        "purpose": "GDDS",
        "travelRule": b"\x00" * 32,
        "reference": b"\x01" * 32,
        "nonce": 77,
        "deadline": town.clock() + changes.get("within", 300),
    }
    assert town.clara.signer is not None
    sender = town.clara.signer.sign_digest(order_digest("transfer", domain, order))
    names = ("fee", "rateNumerator", "rateDenominator", "rounding", "expiry", "quoteId")
    struct = dict(zip(FIELDS, order_struct("quote", message), strict=True))
    return order_struct("transfer", order), tuple(struct[n] for n in names), sender, signature


FIELDS = (
    "provider",
    "sourceCurrency",
    "targetCurrency",
    "sourceAmount",
    "fee",
    "targetAmount",
    "rateNumerator",
    "rateDenominator",
    "rounding",
    "expiry",
    "quoteId",
)
MALLORY = LocalSigner(keccak256(b"mallory"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fee": "0", "targetAmount": "77610"}, "quote_signature_invalid"),
        ({"targetAmount": "99999"}, "quote_invalid"),
        ({"expiry": str(4_000_000_000)}, "quote_signature_invalid"),
        ({"signer": MALLORY}, "quote_signature_invalid"),
        ({"provider": MALLORY.address, "signer": MALLORY}, "account_unknown"),
        ({"within": -1}, "order_expired"),
    ],
)
def test_the_contract_refuses_an_altered_foreign_or_late_quote(
    town: Town, changes: dict[str, Any], code: str
) -> None:
    quote = quoted(town, town.clara, "EUR 100.00", "CNY")
    order, quote_terms, signature, quote_signature = forge(town, quote.id, **changes)
    bank = town.bank
    calldata = bank.contracts.encode(
        "CrossBorder", "transfer", order, signature, quote_terms, quote_signature
    )
    refusal = bank.contracts.preflight(
        MALLORY.address, bank.contracts.address("CrossBorder"), calldata
    )
    assert refusal is not None
    assert refusal.code == code
    transaction = sign_transaction(
        MALLORY,
        chain_id=bank.contracts.book.chain_id,
        nonce=transaction_count(bank.rpc, MALLORY.address),
        to=bank.contracts.address("CrossBorder"),
        data=calldata,
        gas=2_000_000,
        fees=Fees(),
    )
    send_raw(bank.rpc, transaction)
    town.settle()
    assert town.balance(town.clara) == "500.00"
    assert verify(bank.store, bank.rpc, bank.contracts) == []
