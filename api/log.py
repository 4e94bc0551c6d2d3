"""The transparency log: checkpoints for witnesses, proofs for whoever checks, entries for who may see."""

from typing import Annotated

from fastapi import Path
from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, ROLES, Owner, allow
from api.fields import Form, Paged, Query, example, line
from api.routes import Asked, Routes
from wallet_chain import transparency
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import CosignatureInvalid, LogBroken, NotFound
from wallet_chain.transparency.drafts import CosignatureDraft, EntryFilter
from wallet_chain.transparency.views import (
    AnchorView,
    CheckpointView,
    ConsistencyView,
    InclusionView,
    LogEntryView,
    LogView,
)

routes = Routes("Transparency log")

EVERYBODY = allow(*ROLES, scope="audit:read", owner=Owner.VERB)
ENTRIES = allow(COMPLIANCE, AUDITOR, scope="audit:read")
SIGN = allow(COMPLIANCE, AUDITOR, scope="log:write")

Size = Annotated[int, Field(ge=0, le=2**53 - 1)]
IndexInPath = Annotated[
    int, Path(ge=0, le=2**53 - 1, description="The entry's place, from 0.", examples=[41])
]


class CheckpointQuery(Query):
    """Which checkpoint."""

    size: Size | None = None
    """The one with so many entries; default: the latest."""


class ConsistencyQuery(Query):
    """Between which sizes."""

    first_size: Size
    """Entries that were seen before."""
    size: Size
    """Entries now."""


class EntryQuery(Paged):
    """Which entries; bounds are included."""

    kind: Annotated[str, line(24, examples=["review_decided"])] | None = None
    """`access`, `kyc_submitted`, `review_decided`, `screening`, `screening_decided`, `refusal`
    or `daily_close`."""
    subject: Annotated[str, line(48, examples=["rev_01JZ4WVXQ2M8K5T7R9B3C6D1EF"])] | None = None
    """What it is about: a review, a screening result, `acc_` and the number of a look."""
    customer_id: Annotated[str, line(40)] | None = None
    """Whom it is about."""
    index_from: Size | None = None
    """From this place on."""
    index_to: Size | None = None
    """Up to this place."""

    def filter(self) -> EntryFilter:
        """As the verb takes it."""
        return EntryFilter(**self.model_dump(exclude={"limit", "cursor"}))


class NewCosignature(Form):
    """What a witness signed."""

    model_config = example(
        {
            "size": 42,
            "line": "— witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9"
            "dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==",
        }
    )

    size: Size
    """Of the checkpoint."""
    line: Annotated[str, Field(min_length=1, max_length=400)]
    """The signature line as C2SP's signed notes write it, without its newline."""


@routes.get("/audit/log", "Look at the transparency log", EVERYBODY, LogBroken)
def get_log(call: Asked) -> LogView:
    """The log's name and verifier key, its witnesses, and how many entries it has."""
    return transparency.get_log(call.bank, call.caller)


@routes.get("/audit/log/checkpoint", "Get a checkpoint", EVERYBODY, NotFound)
def get_checkpoint(
    call: Asked, query: Annotated[CheckpointQuery, QueryParameters()]
) -> CheckpointView:
    """A signed tree head with the cosignatures of witnesses, as C2SP's tlog-checkpoint. A new one is
    made every minute while the log grows."""
    return transparency.get_checkpoint(call.bank, call.caller, query.size)


@routes.post("/audit/log/checkpoints", "Sign a checkpoint now", SIGN, LogBroken, made=True)
def sign_checkpoint(call: Asked) -> Answer[CheckpointView]:
    """Signs the log as it stands, instead of within the minute."""
    return transparency.sign_checkpoint(call.bank, call.caller, call.ask)


@routes.post(
    "/audit/log/cosignatures",
    "Hand in a cosignature",
    SIGN,
    CosignatureInvalid,
    NotFound,
    made=True,
)
def cosign(call: Asked, body: NewCosignature) -> Answer[CheckpointView]:
    """A witness vouches for a checkpoint, as C2SP's tlog-cosignature says. Only witnesses that the
    bank's settings name are taken."""
    return transparency.cosign(
        call.bank, call.caller, call.ask, CosignatureDraft(body.size, body.line)
    )


@routes.get("/audit/log/anchors", "List the log's anchors on chain", EVERYBODY)
def list_anchors(call: Asked, query: Annotated[Paged, QueryParameters()]) -> Page[AnchorView]:
    """Roots of the log that were noted on chain, one a day, newest first. The bundle of the event proves
    each offline."""
    return transparency.list_anchors(call.bank, call.caller, query.page)


@routes.get("/audit/log/entries", "List the log's entries", ENTRIES)
def list_log_entries(
    call: Asked, query: Annotated[EntryQuery, QueryParameters()]
) -> Page[LogEntryView]:
    """Each fact with the record and the salt that its leaf commits to, oldest first. The look is
    recorded, and so is itself an entry. With several filters a page looks through 1,000 entries at
    most: the end is where `next_cursor` is null."""
    return transparency.list_entries(call.bank, call.caller, query.filter(), query.page)


@routes.get("/audit/log/inclusion/{index}", "Prove an entry", ENTRIES, NotFound)
def prove_inclusion(
    call: Asked, index: IndexInPath, query: Annotated[CheckpointQuery, QueryParameters()]
) -> InclusionView:
    """That an entry is in the log at a checkpoint: the audit path of RFC 6962, and C2SP's tlog-proof. A
    leaf says of what kind a fact is and when it was, which is not everybody's affair."""
    return transparency.prove_inclusion(call.bank, call.caller, index, query.size)


@routes.get("/audit/log/consistency", "Prove that the log only grew", EVERYBODY, NotFound)
def prove_consistency(
    call: Asked, query: Annotated[ConsistencyQuery, QueryParameters()]
) -> ConsistencyView:
    """That the log at one size begins with the log at a smaller one (RFC 6962, section 2.1.2)."""
    return transparency.prove_consistency(call.bank, call.caller, query.first_size, query.size)
