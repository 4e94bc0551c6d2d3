"""A small screening list of invented entries, for demonstrations and tests; nobody on it exists."""

from importlib.resources import files

SOURCE = "invented-sample"


def document() -> bytes:
    """The list as a file in OpenSanctions' form."""
    return (files("wallet_chain.compliance") / "data" / "invented_targets.csv").read_bytes()
