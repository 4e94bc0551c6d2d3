"""What is asked of compliance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A whole screening list, in OpenSanctions' ``targets.simple.csv`` form."""

    source: str
    """Where it is from; it takes the place of the list in force of the same source."""
    document: bytes
    accept_smaller: bool = False
    """Take it although it has less than half as many entries as the one in force."""


@dataclass(frozen=True, slots=True)
class NameCheckDraft:
    """Does this payee (an account, an alias or a customer's id) have this name?"""

    payee: str
    name: str


@dataclass(frozen=True, slots=True)
class BeneficiaryDraft:
    """Somebody to send to, by name and payee (an account, an alias or a customer's id)."""

    name: str
    payee: str
