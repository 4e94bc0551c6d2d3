"""Offers: published by merchants under their signature, seen by everybody, ended by who made them."""

import pytest

from tests.purchases.market import bought, offer, offered
from tests.town import ALL, DAY, Town, ask, digest_of, eur
from wallet_chain import purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    InvalidRequest,
    KycMissing,
    NotFound,
    NotProgrammePayer,
    OfferInvalid,
    ProgrammeUnknown,
    SignatureNotAwaited,
    WalletError,
)
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.money import positive_money
from wallet_chain.purchases.drafts import OfferDraft, OfferFilter

REDUCTION = {"minimum": eur("10.00"), "off": eur("1.00")}


def test_an_offer_is_seen_by_its_merchant_at_once_and_by_all_when_it_is_published(
    town: Town,
) -> None:
    made = offer(town, "points", programme=1, points=5, rate_bps=10_000, budget_points=100)
    assert (made.state, made.good) == ("accepted", False)
    with town.refusal(NotFound):
        purchases.get_offer(town.bank, town.anna.caller, made.id)
    town.settle()
    seen = purchases.get_offer(town.bank, town.anna.caller, made.order_id)
    assert (seen.id, seen.state, seen.good) == (made.id, "settled", True)
    assert (seen.points, seen.rate_bps, seen.budget_points, seen.used_points) == (5, 10_000, 100, 0)
    assert (seen.off, seen.budget, seen.operation, seen.typed_data) == (None, None, None, None)


def test_offers_are_listed_in_pages_and_found_by_what_they_are(town: Town) -> None:
    ids = [offered(town, "reduction", **REDUCTION) for _ in range(3)]
    later = offered(
        town, "percentage", off=eur("5.00"), rate_bps=1000, starts_at=town.clock() + DAY
    )
    purchases.end_offer(town.bank, town.shop.caller, ask(), ids[0])
    town.settle()

    def listed(**filters: object) -> list[str]:
        page = purchases.list_offers(
            town.bank,
            town.ben.caller,
            OfferFilter(**filters),  # type: ignore[arg-type]
            ALL,
        )
        return [one.id for one in page.items]

    assert listed(merchant=town.shop.id) == [later, *reversed(ids)]
    assert listed(kind="percentage") == [later]
    assert listed(good_at=town.clock()) == [ids[2], ids[1]]
    assert listed(currency="JPY") == []
    with town.refusal(InvalidRequest):
        listed(kind="nothing")
    found: list[str] = []
    cursor = None
    while True:
        page = purchases.list_offers(
            town.bank, town.anna.caller, OfferFilter(), PageRequest(limit=3, cursor=cursor)
        )
        found += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [later, *reversed(ids)]


def test_what_it_gave_is_counted(town: Town) -> None:
    made = offered(town, "reduction", **REDUCTION, budget=eur("2.00"))
    bought(town, town.anna, "10.00", offers=(made,))
    seen = purchases.get_offer(town.bank, town.ben.caller, made)
    assert (seen.used, seen.uses, seen.good) == (eur("1.00"), 1, True)
    bought(town, town.anna, "10.00", offers=(made,))
    assert not purchases.get_offer(town.bank, town.ben.caller, made).good


def test_a_merchant_with_an_own_key_signs_offers_and_their_end(town: Town) -> None:
    key = LocalSigner(keccak256(b"the corner shop's own key"))
    corner = town.welcome("corner", tier=3, key=key, kind="business", merchant=True)
    draft = OfferDraft("reduction", "EUR", town.clock() + DAY, **REDUCTION)  # type: ignore[arg-type]
    made = purchases.publish_offer(town.bank, corner.caller, ask(), draft).resource
    assert made.state == "awaiting_signature"
    assert made.typed_data is not None
    signature = key.sign_digest(digest_of(made.typed_data))
    purchases.sign_offer(town.bank, corner.caller, ask(), SignatureDraft(made.id, signature))
    town.settle()
    with town.refusal(SignatureNotAwaited):
        draft_ = SignatureDraft(made.id, signature)
        purchases.sign_offer_end(town.bank, corner.caller, ask(), draft_)
    ending = purchases.end_offer(town.bank, corner.caller, ask(), made.id).resource.ending
    assert ending is not None
    assert ending.typed_data is not None
    signature = key.sign_digest(digest_of(ending.typed_data))
    purchases.sign_offer_end(town.bank, corner.caller, ask(), SignatureDraft(made.id, signature))
    town.settle()
    seen = purchases.get_offer(town.bank, corner.caller, made.id)
    assert (seen.ended, seen.good) == (True, False)


@pytest.mark.parametrize(
    ("kind", "changes", "refused"),
    [
        ("voucher", REDUCTION, InvalidRequest),
        ("reduction", {"off": eur("1.00")}, InvalidRequest),
        ("reduction", {"minimum": eur("1.00"), "off": eur("1.01")}, OfferInvalid),
        ("reduction", REDUCTION | {"rate_bps": 100}, InvalidRequest),
        ("reduction", REDUCTION | {"programme": 1}, InvalidRequest),
        ("reduction", REDUCTION | {"budget": positive_money("5", "JPY")}, InvalidRequest),
        ("reduction", REDUCTION | {"starts_at": 10**12}, OfferInvalid),
        ("reduction", REDUCTION | {"ends_at": 5}, OfferInvalid),
        ("percentage", {"off": eur("1.00")}, InvalidRequest),
        ("percentage", {"off": eur("1.00"), "rate_bps": 10_001}, InvalidRequest),
        ("percentage", {"off": eur("1.00"), "rate_bps": 0}, InvalidRequest),
        ("points", {"points": 5}, InvalidRequest),
        ("points", {"programme": 1}, InvalidRequest),
        ("points", {"programme": 1, "points": 0}, InvalidRequest),
        ("points", {"programme": 1, "points": 5, "off": eur("1.00")}, InvalidRequest),
        ("points", {"programme": 8, "points": 5}, ProgrammeUnknown),
    ],
)
def test_what_can_not_be_offered_is_refused(
    town: Town, kind: str, changes: dict[str, object], refused: type[WalletError]
) -> None:
    with town.refusal(refused):
        offer(town, kind, **changes)


def test_nobody_gives_points_that_another_pays_for(town: Town) -> None:
    kiosk = town.welcome("kiosk", tier=4, kind="business", merchant=True)
    draft = OfferDraft("points", "EUR", town.clock() + DAY, programme=1, points=5)
    with town.refusal(NotProgrammePayer):
        purchases.publish_offer(town.bank, kiosk.caller, ask(), draft)


def test_who_has_no_account_offers_nothing(town: Town) -> None:
    nobody = town.customer(kind="business", merchant=True)
    draft = OfferDraft("reduction", "EUR", town.clock() + DAY, **REDUCTION)  # type: ignore[arg-type]
    caller = town.key_to_call(nobody.id, "merchant")
    with town.refusal(KycMissing):
        purchases.publish_offer(town.bank, caller, ask(), draft)
