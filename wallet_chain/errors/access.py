"""Refusals that depend on who asks."""

from wallet_chain.errors.base import WalletError


class Unauthenticated(WalletError):
    """The request carries no valid API key."""

    code = "unauthenticated"
    status = 401
    title = "The request carries no valid API key"


class ApiKeyExpired(WalletError):
    """The API key has expired or was revoked."""

    code = "api_key_expired"
    status = 401
    title = "The API key has expired or was revoked"


class Forbidden(WalletError):
    """The caller's role may not do this."""

    code = "forbidden"
    status = 403
    title = "The caller's role may not do this"


class ScopeMissing(WalletError):
    """The API key lacks the scope for this."""

    code = "scope_missing"
    status = 403
    title = "The API key lacks the scope for this"


class NotFound(WalletError):
    """There is no such resource for this caller."""

    code = "not_found"
    status = 404
    title = "There is no such resource for this caller"


class MethodNotAllowed(WalletError):
    """The resource does not take this method."""

    code = "method_not_allowed"
    status = 405
    title = "The resource does not take this method"


class NotAcceptable(WalletError):
    """The route can't answer in the format asked for."""

    code = "not_acceptable"
    status = 406
    title = "The route can't answer in the format asked for"


class TooManyRequests(WalletError):
    """The caller asks faster than is allowed."""

    code = "too_many_requests"
    status = 429
    title = "The caller asks faster than is allowed"
    retryable = True
