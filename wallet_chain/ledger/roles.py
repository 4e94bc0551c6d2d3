"""The powers on chain, and which role of the API holds which of them.

The ids repeat ``contracts/Roles.sol``; a test compares the two.
"""

ADMIN = 0
"""The AccessManager's own administrator: grants and revokes all others."""

ROLES: dict[str, int] = {
    "REGISTRAR": 1,
    "FREEZER": 2,
    "COURT": 3,
    "RECOVERY_MAKER": 4,
    "RECOVERY_CHECKER": 5,
    "POLICY": 6,
    "RATE_FEEDER": 7,
    "ISSUER_MAKER": 8,
    "ISSUER_CHECKER": 9,
    "ATTESTOR": 10,
    "PAUSER": 11,
    "RELAYER": 12,
    "PAYOUT": 13,
    "GOVERNOR": 14,
    "REVIEWER": 15,
    "LOYALTY": 16,
    "ANCHOR": 17,
    "MINTER": 21,
    "BURNER": 22,
    "RECOVERY": 23,
    "CASHIER": 24,
}
"""Role ids by name. From 20 on they are held by contracts only."""

CONTRACT_ROLES = frozenset({"MINTER", "BURNER", "RECOVERY", "CASHIER"})

STAFF_POWERS: dict[str, tuple[str, ...]] = {
    "compliance": ("REGISTRAR", "FREEZER", "RECOVERY_CHECKER", "COURT", "REVIEWER"),
    "operator": ("RECOVERY_MAKER", "PAYOUT", "LOYALTY"),
    "issuer-maker": ("ISSUER_MAKER",),
    "issuer-checker": ("ISSUER_CHECKER",),
    "auditor": ("ATTESTOR",),
    "admin": ("POLICY", "RATE_FEEDER", "PAUSER"),
}
"""Role of the API -> roles on chain of that person's own key.

No API role holds both sides of a four-eyes step: issuers and recovery have a maker and a checker,
and who attests the reserves neither proposes nor approves a mint against them.
"""


def role_id(name: str) -> int:
    """The AccessManager's id of a role. Raises KeyError when there is no such role."""
    return ADMIN if name == "ADMIN" else ROLES[name]
