"""Cosignatures come in from witnesses that the settings name; those of anybody else are refused."""

import hashlib

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import CosignatureInvalid
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import LogCosignature
from wallet_chain.store.writing import add_missing
from wallet_chain.transparency.checkpoints import checkpoint_at, show_checkpoint
from wallet_chain.transparency.drafts import CosignatureDraft
from wallet_chain.transparency.keys import known_witnesses
from wallet_chain.transparency.views import CheckpointView


def cosign(bank: Bank, caller: Caller, ask: Ask, draft: CosignatureDraft) -> Answer[CheckpointView]:
    """Take a witness's signature line for a checkpoint; its first one stays.

    Raises NotFound (no such checkpoint), CosignatureInvalid.
    """

    def apply(session: Session, _: None) -> Written:
        checkpoint = checkpoint_at(session, draft.size)
        text = checkpoint.note.partition("\n\n")[0] + "\n"
        for witness in known_witnesses(bank):
            at = witness.signed_at(draft.line, text)
            if at is not None:
                row = {"size": draft.size, "witness": witness.name, "line": draft.line, "at": at}
                add_missing(session, LogCosignature, [row])
                named = hashlib.sha256(witness.name.encode()).hexdigest()[:12]
                return Written(f"cos_{draft.size}_{named}")
        raise CosignatureInvalid(
            "The line is not a cosignature of this checkpoint by a witness that"
            " WALLET_CHAIN_LOG_WITNESSES names."
        )

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_checkpoint(
            session, checkpoint_at(session, int(id_.split("_")[1]))
        ),
    )
