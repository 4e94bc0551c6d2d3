"""Short words for asking to be paid, and paying."""

from typing import Any

from tests.merchants.test_emvco import sealed
from tests.town import Person, Town, ask, digest_of, eur
from wallet_chain import merchants
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.merchants.drafts import PayDraft, ReceiverDraft, RequestDraft
from wallet_chain.merchants.emvco import read, row
from wallet_chain.merchants.views import DuePaymentView, PaymentRequestView


def asked(town: Town, by: Person, amount: str | None = None, **more: Any) -> PaymentRequestView:
    """A payment request in EUR."""
    money = None if amount is None else eur(amount)
    receivers = tuple(ReceiverDraft(p, eur(a)) for p, a in more.pop("receivers", {}).items())
    draft = RequestDraft("EUR", money, receivers=receivers, **more)
    return merchants.create_request(town.bank, by.caller, ask(), draft).resource


def pay(town: Town, by: Person, request_id: str, **more: Any) -> PaymentRequestView:
    """A payment of a request, as far as it goes by itself."""
    for name in ("money", "tip"):
        if isinstance(more.get(name), str):
            more[name] = eur(more[name])
    draft = PayDraft(request_id, **more)
    return merchants.pay_request(town.bank, by.caller, ask(), draft).resource


def paid(town: Town, by: Person, request_id: str, **more: Any) -> PaymentRequestView:
    """A payment of a request, on chain."""
    made = pay(town, by, request_id, **more)
    if by.signer is not None:
        sign(town, by, request_id, made.payments[0])
    town.settle()
    return seen(town, by, request_id)


def sign(town: Town, by: Person, request_id: str, payment: DuePaymentView) -> None:
    """The payer's own signature, handed in."""
    assert by.signer is not None
    assert payment.typed_data is not None
    signature = by.signer.sign_digest(digest_of(payment.typed_data))
    draft = SignatureDraft(request_id, signature)
    merchants.sign_request(town.bank, by.caller, ask(), draft)


def seen(town: Town, by: Person, request_id: str) -> PaymentRequestView:
    """The request as it stands."""
    return merchants.get_request(town.bank, by.caller, request_id)


def changed(payload: str, **fields: str | None) -> str:
    """The payload with fields changed or left out, and a checksum that fits again."""
    said = dict(read(payload).fields) | {name.removeprefix("f"): v for name, v in fields.items()}
    return sealed(row({name: value for name, value in said.items() if value is not None}))
