"""What a check finds: one stable code each."""


class Refused(Exception):  # noqa: N818 - says what was found
    """The log, a proof or a signature is not what it has to be.

    ``code`` is one of: ``bad_note``, ``wrong_log``, ``bad_signature``, ``log_rolled_back``,
    ``log_forked``, ``log_rewritten``, ``bad_proof``, ``not_included``, ``too_few_witnesses``,
    ``bad_opening``, ``bad_state``.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def require(fine: bool, code: str, detail: str) -> None:
    """Raise Refused unless all is fine."""
    if not fine:
        raise Refused(code, detail)
