"""Transfers abroad: both currencies move or neither, and what is held has a clock."""

from typing import Annotated, Literal

from fastapi import Path, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    ROLES,
    Owner,
    allow,
)
from api.fields import Form, Hash, Moment, Paged, Signature, bytes_of, example, line, resource_id
from api.refusals import ACCOUNTS, EXCHANGING, NODE, REVIEWING, SIGNING
from api.routes import Asked, Routes
from wallet_chain import crossborder
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page
from wallet_chain.compliance.ivms import Person
from wallet_chain.crossborder.drafts import RejectionDraft, TransferDraft, TransferFilter
from wallet_chain.crossborder.views import TransferPreview, TransferView
from wallet_chain.errors import (
    CorridorClosed,
    CustomerForgotten,
    DocumentUnavailable,
    InvalidAddress,
    KindNotAllowed,
    KycMissing,
    NotFound,
    OperationPaused,
    OrderAlreadyUsed,
    OrderExpired,
    PayeeUnknown,
    RefundTooEarly,
    ScreeningHitUndecided,
    ScreeningListMissing,
    SelfPayment,
    TransferNotOpen,
)

routes = Routes("Transfers abroad")

SEND = allow(CUSTOMER, MERCHANT, scope="transfers:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="transfers:read", owner=Owner.VERB
)
REVIEW = allow(COMPLIANCE, scope="reviews:write")
ANYBODY = allow(*ROLES, scope="transfers:write", owner=Owner.VERB)

XML = "application/xml"

DocumentName = Annotated[
    str,
    Path(
        pattern=r"^pacs\.00[248]$",
        description="`pacs.008`, `pacs.002` or `pacs.004`.",
        examples=["pacs.002"],
    ),
]
TransferId = Annotated[str, resource_id("cbt", "transfer")]
State = Literal[
    "awaiting_signature",
    "accepted",
    "held",
    "settled",
    "rejected",
    "refunded",
    "recalled",
    "refused",
    "expired",
    "cancelled",
]


class TravelRuleFacts(Form):
    """What the sender adds to the travel-rule record."""

    beneficiary: Person
    """The recipient by IVMS 101. Taken only where this bank does not know the recipient's name."""


class NewTransfer(Form):
    """A transfer on the terms of a quote."""

    model_config = example(
        {
            "quote_id": "quo_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
            "recipient": "@li",
            "purpose": "GDDS",
            "remittance": "Invoice 1017",
        }
    )

    quote_id: Annotated[str, line(40)]
    recipient: Annotated[str, line(254)]
    """Who receives: an account, an alias (phone number, e-mail address, `@name`), a customer's id, or
    one of the sender's beneficiaries (`ben_...`)."""
    purpose: Annotated[str, line(16)]
    """Why, as one of the codes that `GET /v1/purposes` lists. It goes on chain in clear."""
    remittance: Annotated[str, line(140)] | None = None
    """For the recipient to read. Kept encrypted; the chain has nothing of it."""
    travel_rule: TravelRuleFacts | None = None
    """What this bank can't know of the recipient, where the amount asks for a travel-rule record."""

    def draft(self) -> TransferDraft:
        """As the verb takes it."""
        given = None if self.travel_rule is None else self.travel_rule.beneficiary
        return TransferDraft(self.quote_id, self.recipient, self.purpose, self.remittance, given)


class TransferSigned(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class Release(Form):
    """What the reviewer releases a held transfer in spite of."""

    model_config = example({"accepted_hits": ["scr_01JZ4WVXQ2M8K5T7R9B3C6D1EF"]})

    accepted_hits: Annotated[list[Annotated[str, line(40)]], Field(max_length=100)] | None = None
    """Screening results other than clear ones that the reviewer has read. Without one of them the
    transfer is not released."""


_NOTHING_FOUND = Release()


class Rejection(Form):
    """Why a held transfer is returned."""

    model_config = example({"reason": "RR04"})

    reason: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$")]
    """A code of ISO 20022's external list of status reasons. It goes on chain in clear."""


class TransferQuery(Paged):
    """Which transfers; bounds are included."""

    state: State | None = None
    """`held` is the queue of the reviewers."""
    direction: Literal["out", "in"] | None = None
    """As seen from the customer."""
    customer_id: Annotated[str, line(40)] | None = None
    """Sender or recipient; a customer may only name itself."""
    uetr: Annotated[str, line(36)] | None = None
    """The unique end-to-end transaction reference."""
    order_id: Hash | None = None
    """The hash of the signed order."""
    created_from: Moment | None = None
    """Unix seconds or RFC 3339."""
    created_to: Moment | None = None
    """Unix seconds or RFC 3339."""

    def filter(self) -> TransferFilter:
        """As the verb takes it."""
        return TransferFilter(**self.model_dump(exclude={"limit", "cursor"}))


@routes.post(
    "/cross-border-transfers",
    "Send abroad",
    SEND,
    *EXCHANGING,
    InvalidAddress,
    NotFound,
    PayeeUnknown,
    SelfPayment,
    made=True,
    chain=True,
    location="/v1/cross-border-transfers/{id}",
)
def create_transfer(call: Asked, body: NewTransfer) -> Answer[TransferView] | TransferPreview:
    """Send on the terms of a quote: both legs settle in one transaction, or neither.

    Where the policy asks for a review both legs go into escrow (`held`). A reviewer releases or
    rejects the transfer, its sender may recall it, and after `hold_expires_at` anyone may refund it.
    A sender in self custody gets `typed_data` to sign. A dry run explains the whole path.
    """
    draft = body.draft()
    if call.dry_run:
        return crossborder.preview_transfer(call.bank, call.caller, draft)
    return crossborder.create_transfer(call.bank, call.caller, call.ask, draft)


@routes.get("/cross-border-transfers", "List and search transfers abroad", LOOK, NotFound)
def list_transfers(
    call: Asked, query: Annotated[TransferQuery, QueryParameters()]
) -> Page[TransferView]:
    """The transfers that the caller may see, newest first, in any combination of filters; those that are
    held, oldest first."""
    return crossborder.list_transfers(call.bank, call.caller, query.filter(), query.page)


@routes.get("/cross-border-transfers/{transfer_id}", "Look at a transfer abroad", LOOK)
def get_transfer(call: Asked, transfer_id: TransferId) -> TransferView:
    """One transfer with its history: what it became, when, by whom and why."""
    return crossborder.get_transfer(call.bank, call.caller, transfer_id)


@routes.get(
    "/cross-border-transfers/{transfer_id}/documents/{name}",
    "Read a document of a transfer abroad",
    LOOK,
    DocumentUnavailable,
    media_types=(XML,),
)
def get_document(call: Asked, transfer_id: TransferId, name: DocumentName) -> Response:
    """The transfer as a message of ISO 20022: the instruction (pacs.008.001.08), how it stands
    (pacs.002.001.10), or its return (pacs.004.001.09).

    Names and addresses are there for whom they belong to and for staff, whose look is recorded.
    """
    document = crossborder.get_document(call.bank, call.caller, transfer_id, name)
    return Response(document, media_type=XML)


@routes.post(
    "/cross-border-transfers/{transfer_id}/signature",
    "Hand in the signature of a transfer abroad",
    SEND,
    *SIGNING,
    *EXCHANGING,
    chain=True,
)
def sign_transfer(
    call: Asked, transfer_id: TransferId, body: TransferSigned
) -> Answer[TransferView]:
    """Hand in the sender's signature over the transfer's `typed_data`; it is then accepted."""
    draft = SignatureDraft(transfer_id, bytes_of(body.signature))
    return crossborder.sign_transfer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/cross-border-transfers/{transfer_id}/release",
    "Release a held transfer",
    REVIEW,
    *REVIEWING,
    *ACCOUNTS,
    CorridorClosed,
    OperationPaused,
    ScreeningHitUndecided,
    ScreeningListMissing,
    chain=True,
)
def release_transfer(
    call: Asked, transfer_id: TransferId, body: Release = _NOTHING_FOUND
) -> Answer[TransferView]:
    """Carry a held transfer out. Where two reviewers are needed, the first one's call agrees to it
    and the second one's, of another person, carries it out.

    Both parties are screened again. What is found then, or was before, has to be named in
    `accepted_hits`: nobody releases a hit unknowingly.
    """
    hits = tuple(body.accepted_hits or ())
    return crossborder.release_transfer(call.bank, call.caller, call.ask, transfer_id, hits)


@routes.post(
    "/cross-border-transfers/{transfer_id}/reject",
    "Reject a held transfer",
    REVIEW,
    *REVIEWING,
    chain=True,
)
def reject_transfer(call: Asked, transfer_id: TransferId, body: Rejection) -> Answer[TransferView]:
    """Return both legs of a held transfer to sender and provider, with a reason."""
    draft = RejectionDraft(transfer_id, body.reason)
    return crossborder.reject_transfer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/cross-border-transfers/{transfer_id}/recall",
    "Recall a held transfer",
    SEND,
    TransferNotOpen,
    KindNotAllowed,
    KycMissing,
    CustomerForgotten,
    OrderAlreadyUsed,
    *NODE,
    chain=True,
)
def recall_transfer(call: Asked, transfer_id: TransferId) -> Answer[TransferView]:
    """Take back a transfer that is held. The chain decides whether this or a review comes first.

    A sender in self custody gets `recall.typed_data` to sign.
    """
    return crossborder.recall_transfer(call.bank, call.caller, call.ask, transfer_id)


@routes.post(
    "/cross-border-transfers/{transfer_id}/recall/signature",
    "Hand in the signature of a recall",
    SEND,
    *SIGNING,
    OrderExpired,
    *NODE,
    chain=True,
)
def sign_recall(call: Asked, transfer_id: TransferId, body: TransferSigned) -> Answer[TransferView]:
    """Hand in the sender's signature over the recall's `typed_data`."""
    draft = SignatureDraft(transfer_id, bytes_of(body.signature))
    return crossborder.sign_recall(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/cross-border-transfers/{transfer_id}/refund",
    "Refund a transfer whose review took too long",
    ANYBODY,
    TransferNotOpen,
    RefundTooEarly,
    *NODE,
    chain=True,
)
def refund_transfer(call: Asked, transfer_id: TransferId) -> Answer[TransferView]:
    """Return both legs once `hold_expires_at` has passed. It takes nobody's permission: the same can
    be done on chain by anyone, and is done by itself after a while."""
    return crossborder.refund_transfer(call.bank, call.caller, call.ask, transfer_id)
