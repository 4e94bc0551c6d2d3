"""Who the customers are: KYC, accounts, aliases, recovery; and who may call."""

from wallet_chain.identity.aliases import add_alias, remove_alias, resolve_payee
from wallet_chain.identity.api_keys import (
    authenticate,
    create_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)
from wallet_chain.identity.customers import (
    add_documents,
    create_customer,
    get_customer,
    list_customers,
)
from wallet_chain.identity.forgetting import forget_customer
from wallet_chain.identity.holdings import get_balances, get_limits
from wallet_chain.identity.kyc import submit_kyc
from wallet_chain.identity.recovery import (
    accept_recovery,
    execute_recovery,
    get_recovery,
    propose_recovery,
)
from wallet_chain.identity.reviews import decide_review, get_review, list_reviews
from wallet_chain.identity.self_custody import create_challenge, register_account
from wallet_chain.identity.staff import create_principal, get_principal, list_principals
from wallet_chain.identity.standing import close_customer, freeze_customer, unfreeze_customer

__all__ = [
    "accept_recovery",
    "add_alias",
    "add_documents",
    "authenticate",
    "close_customer",
    "create_api_key",
    "create_challenge",
    "create_customer",
    "create_principal",
    "decide_review",
    "execute_recovery",
    "forget_customer",
    "freeze_customer",
    "get_balances",
    "get_customer",
    "get_limits",
    "get_principal",
    "get_recovery",
    "get_review",
    "list_api_keys",
    "list_customers",
    "list_principals",
    "list_reviews",
    "propose_recovery",
    "register_account",
    "remove_alias",
    "resolve_payee",
    "revoke_api_key",
    "rotate_api_key",
    "submit_kyc",
    "unfreeze_customer",
]
