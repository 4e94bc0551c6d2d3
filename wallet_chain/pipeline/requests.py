"""Who asks for what, and whether they asked before.

An Idempotency-Key belongs to one request of one principal for ever. Asked again with the same
content it gets the first answer; with other content it is refused, naming the field that differs.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from wallet_chain.errors import IdempotencyKeyReused
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.store.tables import Request
from wallet_chain.store.writing import table_of

_FIELD_DIGEST_LENGTH = 32
_request = table_of(Request)
# Nearly every request is new: a statement made once, of columns, costs a third of loading a row as
# an object, and most of that is spent before it is known that there is none.
_EARLIER = select(
    _request.c.fingerprint, _request.c.fields, _request.c.resource_id, _request.c.operation_id
).where(
    _request.c.principal_id == bindparam("principal_id"),
    _request.c.idempotency_key == bindparam("idempotency_key"),
)
# It may also find pairs that nobody asked for: one's principal with another's key.
_USED = select(_request.c.principal_id, _request.c.idempotency_key).where(
    _request.c.principal_id.in_(bindparam("principals", expanding=True)),
    _request.c.idempotency_key.in_(bindparam("keys", expanding=True)),
)
_LOCK = text("SELECT pg_advisory_xact_lock(:number)")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal."""

    principal_id: str
    role: str
    customer_id: str | None
    signer_address: str | None
    """The chain key whose powers this principal uses."""
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One write as it was asked for."""

    method: str
    path: str
    body: Mapping[str, Any]
    """JSON values."""
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the first request with a key made."""

    resource_id: str
    operation_id: str | None


def fingerprint(ask: Ask, caller: Caller, key: bytes = b"") -> str:
    """HMAC-SHA256, in hex, of method, path, caller and canonical body under ``key``."""
    content = [ask.method, ask.path, caller.principal_id, ask.body]
    return hmac.new(key, _canonical(content), hashlib.sha256).hexdigest()


def field_digests(ask: Ask, key: bytes = b"") -> dict[str, str]:
    """The path of each field to a digest of its value under ``key``: tells apart, shows nothing."""
    fields = {"method": ask.method, "path": ask.path} | {
        f"body.{path}": value for path, value in _leaves(ask.body)
    }
    return {
        path: hmac.new(key, _canonical([path, value]), hashlib.sha256).hexdigest()[
            :_FIELD_DIGEST_LENGTH
        ]
        for path, value in fields.items()
    }


def earlier(session: Session, caller: Caller, ask: Ask) -> Earlier | None:
    """What this caller's key stands for; None when the key is new.

    Inside ``Store.transaction`` it also holds the key until the commit, so that of many equal
    requests at the same moment one is first and all others find it.
    Raises IdempotencyKeyReused when the key was used for something else.
    """
    _hold(session, caller, ask)
    asked = {"principal_id": caller.principal_id, "idempotency_key": ask.idempotency_key}
    first = session.execute(_EARLIER, asked).one_or_none()
    if first is None:
        return None
    key = session.info["fingerprint_key"]
    if hmac.compare_digest(first.fingerprint, fingerprint(ask, caller, key)):
        return Earlier(first.resource_id, first.operation_id)
    field = _first_difference(first.fields, field_digests(ask, key))
    raise IdempotencyKeyReused(
        f"This Idempotency-Key was used before with another {field}. Use a new key for a new"
        " request, or send the first one again unchanged.",
        field=field,
        resource_id=first.resource_id,
    )


def record(
    session: Session,
    caller: Caller,
    ask: Ask,
    resource_id: str,
    operation_id: str | None,
    now: int,
) -> Request:
    """Remember for ever what this key stands for; ``now`` in Unix seconds."""
    request = new_request(session, caller, ask, resource_id, operation_id, now)
    session.add(request)
    return request


def new_request(
    session: Session,
    caller: Caller,
    ask: Ask,
    resource_id: str,
    operation_id: str | None,
    now: int,
) -> Request:
    """The row of ``record``, for a caller that writes many rows at once."""
    key = session.info["fingerprint_key"]
    return Request(
        principal_id=caller.principal_id,
        idempotency_key=ask.idempotency_key,
        fingerprint=fingerprint(ask, caller, key),
        fields=field_digests(ask, key),
        resource_id=resource_id,
        operation_id=operation_id,
        created_at=now,
    )


def keys_used(session: Session, asked: Sequence[tuple[Caller, Ask]]) -> set[tuple[str, str]]:
    """Which of these requests' keys are used already, each as principal and key.

    Inside ``Store.transaction`` all the keys are held until the commit, as by ``earlier``.
    """
    pairs = [(caller.principal_id, ask.idempotency_key) for caller, ask in asked]
    if _must_hold(session):
        # In one order everywhere, so that two processes never wait for each other.
        for number in sorted({_lock_number(*pair) for pair in pairs}):
            session.execute(_LOCK, {"number": number})
    found = session.connection().execute(
        _USED,
        {"principals": sorted({p for p, _ in pairs}), "keys": sorted({k for _, k in pairs})},
    )
    return {(row[0], row[1]) for row in found}


def reference(tenant: str, principal_id: str, idempotency_key: str) -> str:
    """The 32 bytes, in hex, by which the chain repeats which request an order came from.

    It depends on nothing that is stored, so after a loss of the database a repeated request is
    recognised on the chain.
    """
    parts = [part.encode() for part in (tenant, principal_id, idempotency_key)]
    # Lengths in front, so that no two triples run together to the same bytes.
    return to_hex(keccak256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)))


def _hold(session: Session, caller: Caller, ask: Ask) -> None:
    if _must_hold(session):
        number = _lock_number(caller.principal_id, ask.idempotency_key)
        session.execute(_LOCK, {"number": number})


def _must_hold(session: Session) -> bool:
    # SQLite lets one writer in at a time anyway.
    return bool(session.info["writing"]) and session.get_bind().dialect.name == "postgresql"


def _lock_number(principal_id: str, idempotency_key: str) -> int:
    digest = hashlib.sha256(_canonical([principal_id, idempotency_key])).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _canonical(value: Any) -> bytes:
    text_ = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text_.encode("utf-8", "surrogatepass")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and (value or not path):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{position}]")
    else:
        yield path, value


def _first_difference(first: Mapping[str, str], now: Mapping[str, str]) -> str:
    # A request to another route differs in everything: say that, not its first field.
    order = [name for name in ("method", "path") if first.get(name) != now.get(name)]
    order += [name for name in sorted(set(first) | set(now)) if first.get(name) != now.get(name)]
    return order[0].removeprefix("body.") if order else "content"
