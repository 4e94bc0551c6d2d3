"""Webhook endpoints: made, listed, ended, their secrets changed, and tried."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, WebhookEndpointMissing
from wallet_chain.ids import new_id
from wallet_chain.notify.addresses import read_url
from wallet_chain.notify.drafts import EndpointDraft, SecretDraft
from wallet_chain.notify.kinds import KINDS, PING
from wallet_chain.notify.outbox import delivery
from wallet_chain.notify.showing import event_view, write_ping
from wallet_chain.notify.signing import new_secret, secret_text
from wallet_chain.notify.views import NoticeView, WebhookEndpointView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import WebhookDelivery, WebhookEndpoint, WebhookSecret
from wallet_chain.store.writing import add

ENDPOINTS_MAX = 20
"""Enabled ones, of one customer or of the bank."""

OVERLAP_SECONDS_MAX = 7 * 86_400

ENABLED = "enabled"


def create_endpoint(
    bank: Bank, caller: Caller, ask: Ask, draft: EndpointDraft
) -> Answer[WebhookEndpointView]:
    """Have events sent somewhere from now on. The secret is in this answer only.

    A customer gets the events of its own payments and transfers, staff those of the whole bank.
    Raises WebhookUrlRefused, InvalidRequest (an unknown kind, or too many endpoints).
    """
    read_url(draft.url, bank.settings.webhook_networks)
    unknown = sorted(set(draft.kinds) - set(KINDS))
    if unknown:
        raise InvalidRequest(f"There is no kind of event {unknown[0]!r}.", field="kinds")
    fresh: dict[str, bytes] = {}

    def apply(session: Session, _: None) -> Written:
        _require_room(session, caller)
        endpoint = WebhookEndpoint(
            id=new_id("whe"),
            customer_id=caller.customer_id,
            url=draft.url,
            kinds={"kinds": sorted(set(draft.kinds))},
            state=ENABLED,
            created_by=caller.principal_id,
            created_at=bank.clock(),
            ended_at=None,
        )
        session.add(endpoint)
        session.flush()
        fresh[endpoint.id] = _add_secret(bank, session, endpoint.id)
        return Written(endpoint.id)

    return _write(bank, caller, ask, apply, fresh)


def get_endpoint(bank: Bank, caller: Caller, endpoint_id: str) -> WebhookEndpointView:
    """An endpoint. Raises NotFound."""
    with looking(bank, caller) as session:
        return _show(bank, session, caller, endpoint_id)


def list_endpoints(bank: Bank, caller: Caller, request: PageRequest) -> Page[WebhookEndpointView]:
    """The caller's endpoints, staff see all; newest first, without those that were deleted."""
    scope = "webhook_endpoints"
    position = read_position(bank, scope, request)
    statement = (
        select(WebhookEndpoint)
        .where(WebhookEndpoint.state != "deleted")
        .order_by(WebhookEndpoint.id.desc())
        .limit(request.limit + 1)
    )
    if caller.customer_id is not None:
        statement = statement.where(WebhookEndpoint.customer_id == caller.customer_id)
    if position is not None:
        statement = statement.where(WebhookEndpoint.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "webhook endpoints")
        rows = session.scalars(statement).all()
        views = {row.id: _view(bank, session, row) for row in rows[: request.limit]}
        return cut(bank, scope, request, rows, lambda row: views[row.id], lambda row: (row.id,))


def delete_endpoint(
    bank: Bank, caller: Caller, ask: Ask, endpoint_id: str
) -> Answer[WebhookEndpointView]:
    """Send nothing there any more, and forget its secrets. Deleting it again changes nothing.

    Raises NotFound.
    """

    def apply(session: Session, _: None) -> Written:
        endpoint = visible_endpoint(session, caller, endpoint_id)
        if endpoint.state != "deleted":
            end_endpoint(session, endpoint, "deleted", bank.clock())
        return Written(endpoint.id)

    return _write(bank, caller, ask, apply, {})


def rotate_secret(
    bank: Bank, caller: Caller, ask: Ask, draft: SecretDraft
) -> Answer[WebhookEndpointView]:
    """Make a new secret, which is in this answer only; the old one signs beside it for a while.

    Raises NotFound, WebhookEndpointMissing, InvalidRequest.
    """
    if not 0 <= draft.overlap_seconds <= OVERLAP_SECONDS_MAX:
        raise InvalidRequest(
            f"overlap_seconds is 0 to {OVERLAP_SECONDS_MAX}.", field="overlap_seconds"
        )
    fresh: dict[str, bytes] = {}

    def apply(session: Session, _: None) -> Written:
        endpoint = enabled_endpoint(session, caller, draft.endpoint_id)
        until = bank.clock() + draft.overlap_seconds
        for old in valid_secrets(session, endpoint.id, bank.clock()):
            old.expires_at = until if old.expires_at is None else min(old.expires_at, until)
        fresh[endpoint.id] = _add_secret(bank, session, endpoint.id)
        return Written(endpoint.id)

    return _write(bank, caller, ask, apply, fresh)


def ping_endpoint(bank: Bank, caller: Caller, ask: Ask, endpoint_id: str) -> Answer[NoticeView]:
    """Send an event that says nothing, to see whether it arrives.

    Raises NotFound, WebhookEndpointMissing.
    """

    def apply(session: Session, _: None) -> Written:
        endpoint = enabled_endpoint(session, caller, endpoint_id)
        now = bank.clock()
        event = write_ping(session, endpoint, PING, now)
        add(session, WebhookDelivery, [delivery(event.id, endpoint.id, now)])
        return Written(event.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: event_view(session, caller, id_),
    )


def visible_endpoint(session: Session, caller: Caller, endpoint_id: str) -> WebhookEndpoint:
    """An endpoint of the caller's, or any for staff. Raises NotFound."""
    endpoint = session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None or caller.customer_id not in (None, endpoint.customer_id):
        raise not_found("webhook endpoint", endpoint_id)
    return endpoint


def enabled_endpoint(session: Session, caller: Caller, endpoint_id: str) -> WebhookEndpoint:
    """The same, if events are sent there. Raises WebhookEndpointMissing too."""
    endpoint = visible_endpoint(session, caller, endpoint_id)
    if endpoint.state != ENABLED:
        raise WebhookEndpointMissing(
            f"This endpoint is {endpoint.state}; create another one.", state=endpoint.state
        )
    return endpoint


def end_endpoint(session: Session, endpoint: WebhookEndpoint, state: str, now: int) -> None:
    """Let an endpoint end, with what was still on its way there and with its secrets."""
    endpoint.state = state
    endpoint.ended_at = now
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "pending")
        .values(state="dropped", ended_at=now)
    )
    for secret in session.scalars(
        select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint.id)
    ):
        session.delete(secret)


def forget_endpoints(session: Session, customer_id: str, now: int) -> None:
    """Let a customer's endpoints end, and erase where they were: a URL may name a person."""
    statement = select(WebhookEndpoint).where(WebhookEndpoint.customer_id == customer_id)
    for endpoint in session.scalars(statement):
        if endpoint.state != "deleted":
            end_endpoint(session, endpoint, "deleted", now)
        endpoint.url = ""


def valid_secrets(session: Session, endpoint_id: str, now: int) -> Sequence[WebhookSecret]:
    """The secrets that sign now, the newest first."""
    return session.scalars(
        select(WebhookSecret)
        .where(
            WebhookSecret.endpoint_id == endpoint_id,
            or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > now),
        )
        .order_by(WebhookSecret.id.desc())
    ).all()


def opened_secret(bank: Bank, secret: WebhookSecret) -> bytes:
    """The secret's bytes. Raises MasterKeyWrong."""
    return bank.vault.unwrap(secret.sealed, _belongs_to(secret.endpoint_id))


def _add_secret(bank: Bank, session: Session, endpoint_id: str) -> bytes:
    secret = new_secret()
    session.add(
        WebhookSecret(
            id=new_id("whs"),
            endpoint_id=endpoint_id,
            sealed=bank.vault.wrap(secret, _belongs_to(endpoint_id)),
            created_at=bank.clock(),
            expires_at=None,
        )
    )
    session.flush()
    return secret


def _belongs_to(endpoint_id: str) -> bytes:
    return b"webhook_secret/" + endpoint_id.encode()


def _require_room(session: Session, caller: Caller) -> None:
    owned = WebhookEndpoint.customer_id == caller.customer_id
    if caller.customer_id is None:
        owned = WebhookEndpoint.customer_id.is_(None)
    count = session.scalar(
        select(func.count())
        .select_from(WebhookEndpoint)
        .where(owned, WebhookEndpoint.state == ENABLED)
    )
    if (count or 0) >= ENDPOINTS_MAX:
        raise InvalidRequest(
            f"There are {ENDPOINTS_MAX} endpoints already; delete one first.", limit=ENDPOINTS_MAX
        )


def _write(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    apply: Callable[[Session, None], Written],
    fresh: dict[str, bytes],
) -> Answer[WebhookEndpointView]:
    def show(session: Session, endpoint_id: str) -> WebhookEndpointView:
        shown = _show(bank, session, caller, endpoint_id)
        secret = fresh.get(endpoint_id)
        return shown if secret is None else replace(shown, secret=secret_text(secret))

    return write_once(bank, caller, ask, check=lambda: None, apply=apply, show=show)


def _show(bank: Bank, session: Session, caller: Caller, endpoint_id: str) -> WebhookEndpointView:
    endpoint = visible_endpoint(session, caller, endpoint_id)
    record_look(bank, session, caller, "webhook endpoint", endpoint.customer_id)
    return _view(bank, session, endpoint)


def _view(bank: Bank, session: Session, endpoint: WebhookEndpoint) -> WebhookEndpointView:
    waiting = session.scalar(
        select(func.count())
        .select_from(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "pending")
    )
    return WebhookEndpointView(
        id=endpoint.id,
        customer_id=endpoint.customer_id,
        url=endpoint.url,
        kinds=tuple(endpoint.kinds["kinds"]),
        state=endpoint.state,
        secret=None,
        secrets_valid=len(valid_secrets(session, endpoint.id, bank.clock())),
        waiting=waiting or 0,
        created_at=endpoint.created_at,
        ended_at=endpoint.ended_at,
    )
