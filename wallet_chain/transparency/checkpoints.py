"""Signed tree heads: made every minute while the log grows, or when asked for.

Before it signs, the log looks whether it still contains what it signed last: a database that was
tampered with gets no new signature.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import LogBroken, NotFound
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.merkle import root_at
from wallet_chain.store.tables import LogCheckpoint, LogCosignature, LogHead
from wallet_chain.store.writing import add_missing
from wallet_chain.transparency.keys import known_witnesses, log_signer, verifier_key
from wallet_chain.transparency.views import CheckpointView, CosignatureView, LogView

_COSIGNER = b"\x04"


def tend(bank: Bank) -> None:
    """Sign a checkpoint when the log has grown since the last one. Raises LogBroken."""
    with bank.store.reading() as session:
        if latest_size(session) == log_size(session):
            return
    with bank.store.transaction() as session:
        sign(bank, session)


def get_log(bank: Bank, caller: Caller) -> LogView:  # noqa: ARG001
    """The log's name, keys and size."""
    with bank.store.reading() as session:
        signer = log_signer(bank, session)
        return LogView(
            origin=signer.origin,
            verifier_key=signer.verifier_key,
            witnesses=tuple(
                verifier_key(each.name, _COSIGNER, each.public) for each in known_witnesses(bank)
            ),
            size=log_size(session),
            checkpoint_size=latest_size(session),
        )


def get_checkpoint(bank: Bank, caller: Caller, size: int | None = None) -> CheckpointView:  # noqa: ARG001
    """The checkpoint at a size; the latest one by default. Raises NotFound."""
    with bank.store.reading() as session:
        return show_checkpoint(session, checkpoint_at(session, size))


def sign_checkpoint(bank: Bank, caller: Caller, ask: Ask) -> Answer[CheckpointView]:
    """Sign the log as it stands, instead of waiting for the next minute. Raises LogBroken."""

    def apply(session: Session, _: None) -> Written:
        return Written(f"chk_{sign(bank, session)}")

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_checkpoint(
            session, checkpoint_at(session, int(id_.removeprefix("chk_")))
        ),
    )


def sign(bank: Bank, session: Session) -> int:
    """Sign the log at its present size, unless that was done; answers with the size."""
    signer = log_signer(bank, session)
    size, last = log_size(session), latest_size(session)
    if last is not None:
        signed = session.get_one(LogCheckpoint, last)
        if last > size or root_at(session, last) != signed.root:
            raise LogBroken(
                f"The log no longer contains what was signed at {last} entries: its tables were"
                " changed. Run `wallet-chain verify`, and restore the database from a backup."
            )
    if last != size:
        root = root_at(session, size)
        row = {"size": size, "root": root, "note": signer.note(size, root), "at": bank.clock()}
        add_missing(session, LogCheckpoint, [row])
    return size


def log_size(session: Session) -> int:
    """How many entries there are."""
    return session.execute(select(LogHead.size)).scalar_one()


def latest_size(session: Session) -> int | None:
    """How many entries the latest checkpoint has."""
    return session.execute(select(func.max(LogCheckpoint.size))).scalar_one()


def checkpoint_at(session: Session, size: int | None) -> LogCheckpoint:
    """The checkpoint at a size, or the latest one. Raises NotFound."""
    wanted = latest_size(session) if size is None else size
    row = None if wanted is None else session.get(LogCheckpoint, wanted)
    if row is None:
        raise NotFound(
            "There is no checkpoint at that size; GET /v1/audit/log/checkpoint without a size gives"
            " the latest one."
        )
    return row


def whole_note(session: Session, row: LogCheckpoint) -> str:
    """The note with the cosignatures that came in."""
    return row.note + "".join(f"{each.line}\n" for each in _cosignatures(session, row.size))


def show_checkpoint(session: Session, row: LogCheckpoint) -> CheckpointView:
    """A checkpoint as it is answered."""
    return CheckpointView(
        size=row.size,
        root=row.root.hex(),
        note=whole_note(session, row),
        at=row.at,
        cosignatures=tuple(
            CosignatureView(each.witness, each.at) for each in _cosignatures(session, row.size)
        ),
    )


def _cosignatures(session: Session, size: int) -> list[LogCosignature]:
    statement = select(LogCosignature).where(LogCosignature.size == size)
    return list(session.scalars(statement.order_by(LogCosignature.witness)))
