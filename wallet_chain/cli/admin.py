"""An administrator's API key made beside the API: for the first one, and for one that was lost."""

import secrets

from sqlalchemy import select

from wallet_chain.bank import Bank
from wallet_chain.errors import NotFound
from wallet_chain.identity import create_api_key
from wallet_chain.identity.drafts import ApiKeyDraft
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Principal

PATH = "wallet-chain keys create"


def admin_token(bank: Bank, valid_seconds: int = 90 * 86_400) -> str:
    """A new API key of the first administrator. Raises NotFound when there is none yet.

    Whoever can read the data directory and the master key holds every power anyway, so this asks
    for no other permission.
    """
    with bank.store.reading() as session:
        admins = select(Principal).where(Principal.role == "admin", Principal.disabled_at.is_(None))
        admin = session.scalars(admins.order_by(Principal.created_at, Principal.id)).first()
    if admin is None:
        raise NotFound(
            "There is no administrator yet; start the server once with `wallet-chain run`."
        )
    caller = Caller(admin.id, admin.role, None, admin.signer_address, ("*",))
    ask = Ask("POST", PATH, {}, secrets.token_urlsafe(16))
    made = create_api_key(bank, caller, ask, ApiKeyDraft(admin.id, valid_seconds=valid_seconds))
    assert made.resource.token is not None
    return made.resource.token
