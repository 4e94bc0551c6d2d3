"""The QR code of a payment request, and whether a code that was scanned is one.

A code carries the request's id and a commitment: a keyed digest over payee, currency, amount, expiry
and the rest of what was asked for. Nobody without the master key can make one, and it fits no other
request. Beyond that the whole text must be the one that was handed out, so a sticker on which a name
or an amount was changed fails, however good its checksum.
"""

import base64
import hmac
import re

import orjson
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.errors import AmountTooLarge, CustomerForgotten, QrAltered, QrForeign
from wallet_chain.merchants import emvco
from wallet_chain.merchants.printed import Printed
from wallet_chain.money import Money, currency_named
from wallet_chain.store.tables import Customer, PaymentRequest

SCHEME = "6b0f6c1d2f7e4c5b9a3d8e71c4a2f590"
"""Our globally unique name among the schemes that may share a code; EMVCo takes a UUID for it."""

TEMPLATE = "26"
_AMOUNT_LENGTH_MAX = 13
_COMMITMENT_BYTES = 16
_ID_PREFIX = "req_"
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


def payload_of(request: PaymentRequest, printed: Printed, reference: str | None) -> str:
    """The text of a request's code. Raises AmountTooLarge when EMVCo has no room for the amount."""
    currency = currency_named(request.currency)
    fields: dict[str, str | dict[str, str]] = {
        emvco.FORMAT: "01",
        emvco.INITIATION: emvco.STATIC if request.kind == "static" else emvco.DYNAMIC,
        TEMPLATE: {
            "00": SCHEME,
            "01": request.id.removeprefix(_ID_PREFIX),
            "02": request.commitment,
        },
        emvco.CATEGORY: printed.category,
        emvco.CURRENCY: f"{currency.numeric:03d}",
    }
    if request.amount_minor is not None:
        amount = Money(request.amount_minor, currency).decimal
        if len(amount) > _AMOUNT_LENGTH_MAX:
            raise AmountTooLarge(
                f"A QR code holds amounts of up to {_AMOUNT_LENGTH_MAX} characters.", amount=amount
            )
        fields[emvco.AMOUNT] = amount
    if request.tip_allowed:
        fields[emvco.TIP] = emvco.TIP_OF_PAYER
    fields |= {
        emvco.COUNTRY: printed.country,
        emvco.NAME: printed.name,
        emvco.CITY: printed.city,
    }
    if reference is not None and _fits(reference):
        fields[emvco.ADDITIONAL] = {emvco.REFERENCE_LABEL: reference}
    return emvco.write(fields)


def commitment_of(bank: Bank, request: PaymentRequest, payee: Customer) -> str:
    """26 characters that stand for all that was asked for, and for nothing else."""
    said = (
        request.id,
        payee.id,
        # The account that the customer started with: it stays when the key is replaced.
        payee.account,
        request.kind,
        request.currency,
        request.amount_minor,
        request.tip_allowed,
        request.receivers,
        request.instalments,
        request.payer_customer_id,
        request.expires_at,
    )
    canonical = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    digest = bytes.fromhex(bank.personal.blind_index(f"payment request\n{canonical}"))
    return base64.b32encode(digest[:_COMMITMENT_BYTES]).decode().rstrip("=")


def scanned_request(bank: Bank, session: Session, text: str) -> PaymentRequest:
    """The request that a scanned code is of, if it is the code that was handed out for it.

    Raises what ``emvco.read`` raises, QrForeign, QrAltered, CustomerForgotten.
    """
    payload = emvco.read(text)
    template = payload.scheme(SCHEME)
    if template is None:
        raise QrForeign("This code is of another system; nothing here can be paid by it.")
    name = template.get("01", "")
    request = None
    if _ID.fullmatch(name):
        request = session.get(PaymentRequest, _ID_PREFIX + name)
    if request is None:
        raise QrAltered("No request that was made here has this code.", field=TEMPLATE)
    payee = session.get_one(Customer, request.payee_customer_id)
    said = template.get("02", "").encode()
    if not hmac.compare_digest(said, commitment_of(bank, request, payee).encode()):
        raise _altered(TEMPLATE)
    handed_out = opened_or_none(bank, session, payee.id, request.sealed_payload)
    if handed_out is None:
        raise CustomerForgotten("Whoever asked to be paid by this code is no customer any more.")
    if handed_out != text:
        raise _altered(_first_difference(emvco.read(handed_out), payload))
    return request


def _first_difference(ours: emvco.Payload, theirs: emvco.Payload) -> str:
    names = sorted(ours.fields.keys() | theirs.fields.keys())
    different = (n for n in names if ours.fields.get(n) != theirs.fields.get(n))
    # The same fields in another order differ in none.
    return next(different, emvco.FORMAT)


def _altered(field: str) -> QrAltered:
    return QrAltered(
        f"This is not the code that was handed out for the request: field {field} differs. Do not"
        " pay by it.",
        field=field,
    )


def _fits(reference: str) -> bool:
    return len(reference) <= emvco.LABEL_LENGTH_MAX and reference.isascii()
