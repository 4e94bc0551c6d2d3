"""Bad input: a clear code for each, nothing written, and both legs intact."""

from typing import Any

import pytest
from sqlalchemy import update

from tests.crossborder.abroad import (
    RATES,
    feed,
    open_pair,
    quoted,
    seen,
    send,
    terms,
)
from tests.town import Person, Town, ask
from wallet_chain import crossborder, errors, identity, policy
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.crossborder.drafts import QuoteDraft, TransferDraft
from wallet_chain.errors import WalletError
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.money import positive_money
from wallet_chain.pipeline.verify import verify
from wallet_chain.policy.drafts import CorridorDraft, SwitchDraft


def intact(town: Town) -> None:
    assert town.balance(town.anna) == "500.00"
    assert town.balance(town.li, "CNY") == "0.00"
    assert town.balance(town.north, "CNY") == "100000.00"
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_the_same_request_goes_through_without_the_fault(town: Town) -> None:
    send(town, town.anna, town.li, quoted(town, town.anna, "EUR 100.00", "CNY"))
    town.settle()
    assert town.balance(town.li, "CNY") == "768.33"


# --- quotes ---------------------------------------------------------------------------------------


def ask_quote(town: Town, **changes: Any) -> None:
    given: dict[str, Any] = {"source": positive_money("100.00", "EUR"), "target": None} | changes
    draft = QuoteDraft(
        given.pop("source_currency", "EUR"), given.pop("target_currency", "CNY"), **given
    )
    crossborder.create_quote(town.bank, town.anna.caller, ask(), draft)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"target": positive_money("1.00", "CNY")}, errors.BothAmountsFixed),
        ({"source": None}, errors.InvalidRequest),
        ({"target_currency": "EUR"}, errors.InvalidRequest),
        ({"target_currency": "XXX"}, errors.UnknownCurrency),
        ({"target_currency": "BHD"}, errors.PairClosed),
        ({"recipient_country": "XX"}, errors.UnknownCountry),
        ({"source": positive_money("0.99", "EUR")}, errors.AmountTooSmall),
        ({"source": positive_money("100000.01", "EUR")}, errors.AmountOutOfRange),
        ({"source": None, "target": positive_money("1000000.00", "CNY")}, errors.AmountOutOfRange),
        ({"source": positive_money("60000.00", "EUR")}, errors.LiquidityInsufficient),
    ],
)
def test_a_quote_is_refused(town: Town, changes: Any, refusal: type[WalletError]) -> None:
    with town.refusal(refusal):
        ask_quote(town, **changes)
    intact(town)


def test_a_request_too_small_says_which_amount_would_do(town: Town) -> None:
    with town.refusal(errors.AmountTooSmall) as caught:
        ask_quote(town, source=positive_money("0.05", "EUR"))
    smallest = positive_money(caught.value.facts["smallest"], "EUR")
    quote = quoted(town, town.anna, f"EUR {smallest.decimal}", "CNY")
    assert quote.target.amount_minor >= 1


def test_stale_rates_refuse_to_quote(town: Town) -> None:
    town.wait(town.bank.settings.fx_rate_max_age_seconds + 1)
    with town.refusal(errors.RatesStale):
        ask_quote(town)
    feed(town, RATES)
    ask_quote(town)


def test_a_closed_pair_is_refused(town: Town) -> None:
    open_pair(town, "EUR", "CNY", state="closed")
    with town.refusal(errors.PairClosed):
        ask_quote(town)


def test_without_a_provider_there_is_no_quote(town: Town) -> None:
    open_pair(town, "EUR", "USD")
    with town.refusal(errors.ProviderUnavailable):
        ask_quote(town, target_currency="USD")


def test_the_best_offer_wins_and_the_next_best_when_that_provider_is_frozen(town: Town) -> None:
    assert quoted(town, town.anna, "EUR 100.00", "CNY").provider_account == town.north.account
    freeze(town, town.north)
    assert quoted(town, town.anna, "EUR 100.00", "CNY").provider_account == town.south.account


# --- transfers ------------------------------------------------------------------------------------


def freeze(town: Town, person: Person) -> None:
    draft = StandingDraft(person.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()


def close_corridor(town: Town) -> None:
    for country in ("DE", "FR"):
        draft = CorridorDraft(country, "CN", "closed")
        policy.set_corridor(town.bank, town.staff("admin"), ask(), draft)
    town.settle()


def pause(town: Town) -> None:
    policy.set_switch(town.bank, town.staff("admin"), ask(), SwitchDraft("outgoing", True))
    town.settle()


def move_the_rate(town: Town) -> None:
    town.wait(1)
    feed(town, RATES | {"CNY": "8.6"})


def drain(town: Town) -> None:
    town.fund(town.welcome("sink", tier=4, kind="business"), "1.00")
    town.paid(town.north, town.sink.account, "99999.00", currency="CNY")


def lapse(town: Town) -> None:
    soon = town.clock() + 60
    town.approve(town.submit(town.li.id, 3).id, kyc_expires_at=soon)
    town.wait(61)


def raise_minimum(town: Town) -> None:
    open_pair(town, "EUR", "CNY", amount_min="200.00")


@pytest.mark.parametrize(
    ("happens", "refusal"),
    [
        (lambda town: freeze(town, town.li), errors.AccountFrozen),
        (lambda town: freeze(town, town.anna), errors.AccountFrozen),
        (lambda town: freeze(town, town.north), errors.ProviderUnavailable),
        (lapse, errors.KycExpired),
        (close_corridor, errors.CorridorClosed),
        (lambda town: open_pair(town, "EUR", "CNY", state="closed"), errors.PairClosed),
        (raise_minimum, errors.AmountOutOfRange),
        (move_the_rate, errors.RateOutOfBand),
        (drain, errors.LiquidityInsufficient),
        (pause, errors.OperationPaused),
        (lambda town: town.wait(301), errors.QuoteExpired),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_happens_after_the_quote_refuses_the_transfer(
    town: Town, happens: Any, refusal: type[WalletError]
) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    happens(town)
    with town.refusal(refusal):
        send(town, town.anna, town.li, quote)
    assert town.balance(town.anna) == "500.00"
    assert town.balance(town.li, "CNY") == "0.00"


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lambda town: freeze(town, town.li), "account_frozen"),
        (lambda town: freeze(town, town.north), "provider_unavailable"),
        (lapse, "kyc_expired"),
        (close_corridor, "corridor_closed"),
        (raise_minimum, "amount_out_of_range"),
        (move_the_rate, "rate_out_of_band"),
        (drain, "liquidity_insufficient"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_happens_on_the_way_to_the_chain_ends_refused_with_its_code(
    town: Town, happens: Any, code: str
) -> None:
    made = send(town, town.clara, town.li, quoted(town, town.clara, "EUR 100.00", "CNY"))
    assert made.state == "awaiting_signature"
    signed_without_looking(town, made.id)
    happens_before_sending(town, happens)
    transfer = seen(town, town.clara, made.id)
    assert transfer.state == "refused", transfer.state
    assert transfer.refusal is not None
    assert transfer.refusal.code == code
    assert transfer.history[-1].reason == code
    assert town.balance(town.clara) == "500.00"
    assert town.balance(town.li, "CNY") == "0.00"


def signed_without_looking(town: Town, transfer_id: str) -> None:
    """The sender's signature, accepted: the check passes, as nothing has happened yet."""
    from tests.town import digest_of

    transfer = seen(town, town.clara, transfer_id)
    assert transfer.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(transfer.typed_data))
    draft = SignatureDraft(transfer_id, signature)
    accepted = crossborder.sign_transfer(town.bank, town.clara.caller, ask(), draft).resource
    assert accepted.operation is not None
    hold_back(town, accepted.operation.id, "bound")


def happens_before_sending(town: Town, happens: Any) -> None:
    happens(town)
    hold_back(town, None, "accepted")
    town.settle()


_held_back: list[str] = []


def hold_back(town: Town, operation_id: str | None, state: str) -> None:
    """Keep the operation from being sent, as a slow relayer would, and let it go again."""
    from wallet_chain.store.tables import Operation

    if operation_id is not None:
        _held_back.append(operation_id)
    target = _held_back[-1]
    with town.bank.store.transaction() as session:
        session.execute(update(Operation).where(Operation.id == target).values(state=state))


def make(town: Town, person: Person, quote_id: str, **changes: Any) -> None:
    given = {"recipient": town.li.account, "purpose": "GDDS"} | changes
    draft = TransferDraft(quote_id, **given)
    crossborder.create_transfer(town.bank, person.caller, ask(), draft)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"purpose": ""}, errors.PurposeInvalid),
        ({"purpose": "gdds"}, errors.PurposeInvalid),
        ({"purpose": "GDDSX"}, errors.PurposeInvalid),
        ({"purpose": "ZZZZ"}, errors.PurposeInvalid),
        ({"recipient": "ben_01JZ4WVXQ2M8K5T7R9B3C6D1EF"}, errors.NotFound),
        ({"recipient": "@nobody_here"}, errors.PayeeUnknown),
        ({"recipient": "0x" + "99" * 20}, errors.AccountUnknown),
        ({"recipient": "0x123"}, errors.InvalidAddress),
        ({"remittance": "x" * 141}, errors.InvalidRequest),
    ],
)
def test_a_transfer_is_refused(town: Town, changes: Any, refusal: type[WalletError]) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    with town.refusal(refusal):
        make(town, town.anna, quote.id, **changes)
    intact(town)


def test_parties_must_be_different(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    with town.refusal(errors.SelfPayment):
        make(town, town.anna, quote.id, recipient=town.anna.account)
    with town.refusal(errors.ProviderUnavailable):
        make(town, town.anna, quote.id, recipient=town.north.account)


def test_a_quote_of_somebody_else_does_not_exist(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    with town.refusal(errors.NotFound):
        make(town, town.ben, quote.id)
    with town.refusal(errors.NotFound):
        crossborder.get_quote(town.bank, town.ben.caller, quote.id)


def test_a_quote_is_used_once(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    send(town, town.anna, town.li, quote)
    for _ in range(2):
        with town.refusal(errors.QuoteAlreadyUsed):
            make(town, town.anna, quote.id)
        town.settle()
    assert crossborder.get_quote(town.bank, town.anna.caller, quote.id).state == "used"
    assert town.balance(town.anna) == "400.00"


def test_a_quote_for_one_country_is_not_used_for_another(town: Town) -> None:
    terms(
        town,
        "north",
        "EUR",
        "CNY",
        spread_bps=1,
        fee_bps=0,
        fee_minimum=0,
        source_country="DE",
        target_country="CN",
    )
    quote = quoted(town, town.anna, "EUR 100.00", "CNY", recipient_country="CN")
    assert quote.spread_bps == 1
    with town.refusal(errors.QuoteMismatch):
        make(town, town.anna, quote.id, recipient=town.ben.account)
    make(town, town.anna, quote.id)


def test_more_than_the_sender_has_is_refused(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 500.01", "CNY")
    with town.refusal(errors.InsufficientFunds):
        make(town, town.anna, quote.id)
    intact(town)


def test_two_transfers_on_their_way_do_not_take_the_same_money(town: Town) -> None:
    first, second = (quoted(town, town.anna, "EUR 300.00", "CNY") for _ in range(2))
    send(town, town.anna, town.li, first)
    with town.refusal(errors.InsufficientFunds):
        make(town, town.anna, second.id)


def test_more_than_the_tier_allows_is_refused(town: Town) -> None:
    town.fund(town.anna, "2000.00")
    quote = quoted(town, town.anna, "EUR 1000.01", "CNY")
    with town.refusal(errors.LimitExceeded):
        make(town, town.anna, quote.id)


def test_unsigned_in_time_a_transfer_expires_and_frees_its_quote(town: Town) -> None:
    quote = quoted(town, town.clara, "EUR 100.00", "CNY")
    made = send(town, town.clara, town.li, quote)
    town.wait(301)
    assert seen(town, town.clara, made.id).state == "expired"
    town.bank.pipeline.recover()
    assert [line.state for line in seen(town, town.clara, made.id).history] == [
        "awaiting_signature",
        "expired",
    ]
    with town.refusal(errors.OrderExpired):
        crossborder.sign_transfer(
            town.bank, town.clara.caller, ask(), SignatureDraft(made.id, b"\x1b" * 65)
        )
