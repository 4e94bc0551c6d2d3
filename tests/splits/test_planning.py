"""Payments to several: all of them are paid, or nobody is, and refusals come before anything is stored."""

from collections.abc import Sequence

import pytest

from tests.town import Person, Town, ask, digest_of, eur
from wallet_chain import splits
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import order_state, order_typed_data, outcome_of, pending_minor
from wallet_chain.bank.signing import take_signature
from wallet_chain.errors import (
    AccountUnknown,
    InsufficientFunds,
    InvalidRequest,
    InvoiceAlreadyPaid,
    LimitExceeded,
    SelfPayment,
    SplitInvalid,
    WalletError,
)
from wallet_chain.ledger.hashing import ZERO_HASH, keccak256, to_hex
from wallet_chain.money import currency_named
from wallet_chain.pipeline.verify import verify
from wallet_chain.splits import Part, SplitTerms
from wallet_chain.store.tables import Customer, Order

INVOICE = to_hex(keccak256(b"invoice"))


def _terms(payer: Person, parts: Sequence[tuple[str, str]], invoice: str = INVOICE) -> SplitTerms:
    said = tuple(Part(account, eur(amount).amount_minor) for account, amount in parts)
    return SplitTerms(payer.account, currency_named("EUR"), invoice, said)


def _place(town: Town, payer: Person, terms: SplitTerms) -> str:
    bank = town.bank
    with bank.store.reading() as session:
        holder = holder_of(session, session.get_one(Customer, payer.id), "payer")
    prepared = splits.prepare_split(bank, holder, terms)
    with bank.store.transaction() as session:
        order, _ = splits.place_split(bank, session, payer.caller, ask(), prepared)
        return order.id


def _state(town: Town, order_id: str) -> str:
    with town.bank.store.reading() as session:
        order = session.get_one(Order, order_id)
        return order_state(town.bank, order, *outcome_of(session, order))


def test_everyone_is_paid_at_once_and_one_may_get_a_tip_beside(town: Town) -> None:
    parts = [(town.shop.account, "20.00"), (town.ben.account, "3.00"), (town.shop.account, "1.00")]
    made = _place(town, town.anna, _terms(town.anna, parts))
    with town.bank.store.reading() as session:
        assert pending_minor(session, town.anna.account, "EUR") == 24_00
    town.settle()

    assert _state(town, made) == "settled"
    assert town.balance(town.anna) == "476.00"
    assert town.balance(town.shop) == "121.00"
    assert town.balance(town.ben) == "503.00"
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_payer_with_an_own_key_signs_the_whole_division(town: Town) -> None:
    parts = [(town.shop.account, "20.00"), (town.ben.account, "3.00")]
    made = _place(town, town.clara, _terms(town.clara, parts))
    assert _state(town, made) == "awaiting_signature"
    with town.bank.store.reading() as session:
        order = session.get_one(Order, made)
        typed = order_typed_data(town.bank, order, "awaiting_signature")
    assert typed is not None
    assert typed["message"]["receivers"] == [town.shop.account, town.ben.account]
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(typed))
    take_signature(
        town.bank,
        town.clara.caller,
        ask(),
        SignatureDraft(made, signature),
        kind="split",
        recheck=lambda order: splits.recheck_split(town.bank, order),
        more_arguments=lambda _session, _order: (),
        show=lambda _session, order: order.id,
    )
    town.settle()
    assert _state(town, made) == "settled"
    assert town.balance(town.clara) == "477.00"


def test_what_was_asked_for_is_paid_once_whatever_the_tip(town: Town) -> None:
    _place(town, town.anna, _terms(town.anna, [(town.shop.account, "20.00")]))
    town.settle()
    again = _terms(town.ben, [(town.shop.account, "20.00"), (town.anna.account, "2.00")])
    with town.refusal(InvoiceAlreadyPaid):
        _place(town, town.ben, again)


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ([], SplitInvalid),
        ([("shop", "1.00")] * 9, SplitInvalid),
        ([("shop", "1.00"), ("anna", "1.00")], SelfPayment),
        ([("shop", "1.00"), ("nobody", "1.00")], AccountUnknown),
        ([("shop", "400.00"), ("ben", "100.01")], InsufficientFunds),
    ],
)
def test_what_cannot_be_paid_is_refused_before_anything_is_stored(
    town: Town, parts: list[tuple[str, str]], refusal: type[WalletError]
) -> None:
    accounts = {"nobody": "0x" + "12" * 20}
    told = [(accounts.get(name) or getattr(town, name).account, amount) for name, amount in parts]
    with town.refusal(refusal):
        _place(town, town.anna, _terms(town.anna, told))


def test_nothing_for_somebody_and_no_invoice_are_refused(town: Town) -> None:
    nothing = SplitTerms(
        town.anna.account, currency_named("EUR"), INVOICE, (Part(town.shop.account, 0),)
    )
    with town.refusal(SplitInvalid):
        _place(town, town.anna, nothing)
    with town.refusal(InvalidRequest):
        _place(town, town.anna, _terms(town.anna, [(town.shop.account, "1.00")], ZERO_HASH))


def test_the_limits_of_a_day_hold_for_all_parts_together(town: Town) -> None:
    town.fund(town.anna, "4000.00")
    parts = [(town.shop.account, "900.00"), (town.shop.account, "900.00")]
    with town.refusal(SplitInvalid):
        _place(town, town.anna, _terms(town.anna, []))
    three = [*parts, (town.shop.account, "900.00")]
    with town.refusal(LimitExceeded) as caught:
        _place(town, town.anna, _terms(town.anna, three))
    assert caught.value.facts["rule"] == "day"
    made = _place(town, town.anna, _terms(town.anna, parts))
    town.settle()
    assert _state(town, made) == "settled"


def test_what_is_on_its_way_counts(town: Town) -> None:
    _place(town, town.anna, _terms(town.anna, [(town.shop.account, "400.00")]))
    other = _terms(town.anna, [(town.shop.account, "100.01")], to_hex(keccak256(b"other")))
    with town.refusal(InsufficientFunds):
        _place(town, town.anna, other)
