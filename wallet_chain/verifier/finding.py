"""What ends a verification early: a contradiction, or something that is missing."""


class Finding(Exception):  # noqa: N818 - a verdict, not a fault of this program
    """A verdict other than VALID: a stable ``code`` and a sentence."""

    verdict = ""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class Invalid(Finding):
    """The bundle contradicts itself, its form or what is trusted."""

    verdict = "INVALID"


class Unproven(Finding):
    """Nothing contradicts, but something that the claim needs is not there."""

    verdict = "UNPROVEN"


def require(holds: bool, code: str, detail: str) -> None:
    """Raise Invalid unless ``holds``."""
    if not holds:
        raise Invalid(code, detail)


def need(is_there: bool, code: str, detail: str) -> None:
    """Raise Unproven unless ``is_there``."""
    if not is_there:
        raise Unproven(code, detail)
