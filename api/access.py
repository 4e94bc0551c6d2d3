"""Who may call a route: its roles, the scope its API key needs, and whose resources it shows.

Each route declares one ``Access``; a route without one can't be declared at all. The written matrix
in ``tests/api`` says what every cell must answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from wallet_chain.errors import Forbidden, NotFound, ScopeMissing
from wallet_chain.pipeline.requests import Caller

CUSTOMER = "customer"
MERCHANT = "merchant"
OPERATOR = "operator"
COMPLIANCE = "compliance"
ISSUER_MAKER = "issuer-maker"
ISSUER_CHECKER = "issuer-checker"
AUDITOR = "auditor"
ADMIN = "admin"

HOLDERS = (CUSTOMER, MERCHANT)
"""Roles that act for one customer of the bank, and see only what is that customer's."""

STAFF = (OPERATOR, COMPLIANCE, ISSUER_MAKER, ISSUER_CHECKER, AUDITOR, ADMIN)
"""Roles that act for the bank or look at it."""

ROLES = HOLDERS + STAFF

EVERY_SCOPE = "*"


class Owner(Enum):
    """How a holder is kept to what is theirs. Staff are kept by their role alone."""

    NOBODY = "the resource belongs to no customer"
    PATH = "the customer named in the path must be the caller's"
    VERB = "the verb finds only what is the caller's"


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of one route."""

    roles: frozenset[str]
    scope: str
    """``<what>:read`` or ``<what>:write``; a key that lacks it is refused."""
    owner: Owner

    def admit(self, caller: Caller, path: Mapping[str, str]) -> None:
        """Let this caller through, or raise Forbidden, ScopeMissing or NotFound, in this order.

        Another customer's resource is not found rather than forbidden, so that nobody learns
        which ids exist.
        """
        if caller.role not in self.roles:
            raise Forbidden(
                f"The role {caller.role!r} may not do this; ask somebody who is"
                f" {' or '.join(sorted(self.roles))}.",
                role=caller.role,
                allowed=sorted(self.roles),
            )
        if EVERY_SCOPE not in caller.scopes and self.scope not in caller.scopes:
            raise ScopeMissing(
                f"This API key lacks the scope {self.scope!r}; use a key that has it.",
                scope=self.scope,
            )
        if (
            self.owner is Owner.PATH
            and caller.role in HOLDERS
            and path.get("customer_id") != caller.customer_id
        ):
            raise NotFound("There is no such customer here; check the id.")


def allow(*roles: str, scope: str, owner: Owner = Owner.NOBODY) -> Access:
    """The rule that admits these roles. Holders are admitted only with an ownership rule."""
    holders = set(roles) & set(HOLDERS)
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"not a role: {sorted(unknown)}")
    if not roles:
        raise ValueError("a rule that admits nobody is no rule")
    if owner is not Owner.NOBODY and not holders:
        raise ValueError("an ownership rule needs a holder's role")
    return Access(frozenset(roles), scope, owner)
