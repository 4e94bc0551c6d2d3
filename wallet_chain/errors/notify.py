"""What webhooks are refused for."""

from wallet_chain.errors.base import WalletError


class WebhookUrlRefused(WalletError):
    """A receiver's URL that could never be sent to, or that points inside."""

    code = "webhook_url_refused"
    status = 422
    title = "This URL can't receive events"


class WebhookEndpointMissing(WalletError):
    """An event without an endpoint that takes it, or an endpoint that has ended."""

    code = "webhook_endpoint_missing"
    status = 409
    title = "There is no endpoint for this"
