"""API keys: ``wck_<id>_<secret>``. Only the SHA-256 of the 256-bit secret is kept.

A slow password hash would protect nothing here: a random secret of 256 bits can't be guessed.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    ApiKeyExpired,
    ApiKeyInForce,
    Forbidden,
    InvalidRequest,
    ScopeMissing,
    Unauthenticated,
)
from wallet_chain.identity.drafts import ApiKeyDraft, RotationDraft
from wallet_chain.identity.staff import CUSTOMER_ROLES
from wallet_chain.identity.views import ApiKeyView
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ApiKey, Principal

VALID_SECONDS_MAX = 2 * 365 * 86_400
OVERLAP_SECONDS_MAX = 7 * 86_400

_TOKEN = re.compile(r"wck_([0-9A-Z]{26})_([0-9a-f]{64})", re.ASCII)
_SCOPE = re.compile(r"\*|[a-z-]{1,30}:(read|write)", re.ASCII)


def authenticate(bank: Bank, token: str) -> Caller:
    """Who calls with this API key. Raises Unauthenticated or ApiKeyExpired."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Unauthenticated("Send a valid API key: Authorization: Bearer wck_...")
    with bank.store.reading() as session:
        key = session.get(ApiKey, f"key_{match.group(1)}")
        principal = None if key is None else session.get(Principal, key.principal_id)
    digest = _digest(match.group(2))
    # The secret is compared before anything is said about the key it belongs to.
    if key is None or principal is None or not hmac.compare_digest(digest, key.secret_sha256):
        raise Unauthenticated("Send a valid API key: Authorization: Bearer wck_...")
    if key.revoked_at is not None or key.expires_at <= bank.clock():
        raise ApiKeyExpired("Ask for a new API key, or use the one that replaced this one.")
    if principal.disabled_at is not None:
        raise ApiKeyExpired("The holder of this API key may not call any more.")
    return Caller(
        principal_id=principal.id,
        role=principal.role,
        customer_id=principal.customer_id,
        signer_address=principal.signer_address,
        scopes=tuple(key.scopes["allow"]),
    )


def create_api_key(bank: Bank, caller: Caller, ask: Ask, draft: ApiKeyDraft) -> Answer[ApiKeyView]:
    """Make an API key; its token is in this answer only.

    An administrator makes keys for anybody, an operator for customers, but only for who has none in
    force: nobody gets hold of a second key to what is somebody else's. Others make keys for
    themselves. No key may do more than the key that made it, and the making is recorded as a look.
    Raises NotFound, ApiKeyInForce, InvalidRequest, ScopeMissing.
    """
    _check(caller, draft)
    tokens: dict[str, str] = {}

    def apply(session: Session, _: None) -> Written:
        principal = _manageable(session, caller, draft.principal_id)
        if caller.principal_id != principal.id:
            _require_none_in_force(session, principal, bank.clock())
        key, token = add_key(bank, session, draft)
        _record(bank, session, caller, "api key made", key)
        tokens[key.id] = token
        return Written(key.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _show(session, caller, id_, tokens.get(id_)),
    )


def rotate_api_key(
    bank: Bank, caller: Caller, ask: Ask, draft: RotationDraft
) -> Answer[ApiKeyView]:
    """Make a key like an old one, which ends after the overlap; answers with the new key.

    Only its holder does that: whoever else got the new key could act as the holder.
    Raises NotFound, Forbidden, ApiKeyExpired (there is nothing left to replace), InvalidRequest.
    """
    if not 0 <= draft.overlap_seconds <= OVERLAP_SECONDS_MAX:
        raise InvalidRequest(
            f"overlap_seconds is 0 to {OVERLAP_SECONDS_MAX}.", field="overlap_seconds"
        )
    tokens: dict[str, str] = {}

    def apply(session: Session, _: None) -> Written:
        old = _own_key(session, caller, draft.api_key_id)
        if old.principal_id != caller.principal_id:
            raise Forbidden(
                "Only its holder replaces an API key. If the holder lost it, revoke it and make a"
                " new one."
            )
        now = bank.clock()
        if old.revoked_at is not None or old.expires_at <= now or old.replaced_by is not None:
            raise ApiKeyExpired("This API key has ended or was replaced; make a new one.")
        fresh = ApiKeyDraft(
            principal_id=old.principal_id,
            scopes=tuple(old.scopes["allow"]),
            valid_seconds=old.expires_at - old.created_at,
        )
        _check(caller, fresh)
        key, token = add_key(bank, session, fresh)
        old.replaced_by = key.id
        old.expires_at = min(old.expires_at, now + draft.overlap_seconds)
        tokens[key.id] = token
        return Written(key.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _show(session, caller, id_, tokens.get(id_)),
    )


def revoke_api_key(bank: Bank, caller: Caller, ask: Ask, api_key_id: str) -> Answer[ApiKeyView]:
    """End a key now. Revoking it again changes nothing. Raises NotFound."""

    def apply(session: Session, _: None) -> Written:
        key = _own_key(session, caller, api_key_id)
        if key.revoked_at is None:
            key.revoked_at = bank.clock()
            _record(bank, session, caller, "api key revoked", key)
        return Written(key.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _show(session, caller, id_, None),
    )


def list_api_keys(
    bank: Bank, caller: Caller, principal_id: str | None, request: PageRequest
) -> Page[ApiKeyView]:
    """Keys of a principal (null: all that the caller may manage), newest first."""
    scope = f"api_keys/{principal_id}"
    position = read_position(bank, scope, request)
    statement = select(ApiKey).order_by(ApiKey.id.desc()).limit(request.limit + 1)
    if position is not None:
        statement = statement.where(ApiKey.id < position[0])
    if caller.role != "admin" and principal_id is None:
        principal_id = caller.principal_id
    with bank.store.reading() as session:
        if principal_id is not None:
            _manageable(session, caller, principal_id)
            statement = statement.where(ApiKey.principal_id == principal_id)
        rows = session.scalars(statement).all()
    return cut(bank, scope, request, rows, _view, lambda row: (row.id,))


def add_key(bank: Bank, session: Session, draft: ApiKeyDraft) -> tuple[ApiKey, str]:
    """Write a key in the caller's transaction; answers with its row and its token."""
    now = bank.clock()
    secret = secrets.token_hex(32)
    key = ApiKey(
        id=new_id("key"),
        principal_id=draft.principal_id,
        secret_sha256=_digest(secret),
        scopes={"allow": sorted(set(draft.scopes))},
        created_at=now,
        expires_at=now + draft.valid_seconds,
        revoked_at=None,
        replaced_by=None,
    )
    session.add(key)
    return key, f"wck_{key.id.removeprefix('key_')}_{secret}"


def _check(caller: Caller, draft: ApiKeyDraft) -> None:
    if not draft.scopes or not all(_SCOPE.fullmatch(scope) for scope in draft.scopes):
        raise InvalidRequest(
            "scopes are * or like payments:read and payments:write.", field="scopes"
        )
    if not 60 <= draft.valid_seconds <= VALID_SECONDS_MAX:
        raise InvalidRequest(f"valid_seconds is 60 to {VALID_SECONDS_MAX}.", field="valid_seconds")
    if "*" not in caller.scopes:
        beyond = sorted(set(draft.scopes) - set(caller.scopes))
        if beyond:
            raise ScopeMissing(
                f"Your own API key lacks {', '.join(beyond)}, so it can't give that away.",
                missing=beyond,
            )


def _manageable(session: Session, caller: Caller, principal_id: str) -> Principal:
    principal = session.get(Principal, principal_id)
    if principal is None or not _may_manage(caller, principal):
        raise not_found("principal", principal_id)
    return principal


def _own_key(session: Session, caller: Caller, api_key_id: str) -> ApiKey:
    key = session.get(ApiKey, api_key_id)
    principal = None if key is None else session.get(Principal, key.principal_id)
    if key is None or principal is None or not _may_manage(caller, principal):
        raise not_found("API key", api_key_id)
    return key


def _require_none_in_force(session: Session, principal: Principal, now: int) -> None:
    in_force = session.scalars(
        select(ApiKey.id).where(
            ApiKey.principal_id == principal.id,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > now,
        )
    ).first()
    if in_force is not None:
        raise ApiKeyInForce(
            "This principal has an API key in force; its holder makes further ones. To help who lost"
            " it, revoke what is in force first: its holder will notice.",
            principal_id=principal.id,
        )


def _record(bank: Bank, session: Session, caller: Caller, action: str, key: ApiKey) -> None:
    principal = session.get_one(Principal, key.principal_id)
    about = {"api_key": key.id, "principal": principal.id, "role": principal.role}
    record_look(bank, session, caller, action, principal.customer_id, about)


def _may_manage(caller: Caller, principal: Principal) -> bool:
    if caller.role == "admin" or caller.principal_id == principal.id:
        return True
    return caller.role == "operator" and principal.role in CUSTOMER_ROLES


def _show(session: Session, caller: Caller, api_key_id: str, token: str | None) -> ApiKeyView:
    return replace(_view(_own_key(session, caller, api_key_id)), token=token)


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        principal_id=key.principal_id,
        scopes=tuple(key.scopes["allow"]),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        replaced_by=key.replaced_by,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
