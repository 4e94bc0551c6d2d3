"""Refusals of a movement of money."""

from wallet_chain.errors.base import WalletError


class InsufficientFunds(WalletError):
    """The account does not hold enough."""

    code = "insufficient_funds"
    status = 422
    title = "The account does not hold enough"


class HistoryFull(WalletError):
    """The account has as many entries as can be counted."""

    code = "history_full"
    status = 422
    title = "The account has as many entries as can be counted"


class LimitExceeded(WalletError):
    """The amount is beyond a limit of the account's tier."""

    code = "limit_exceeded"
    status = 422
    title = "The amount is beyond a limit of the account's tier"


class SelfPayment(WalletError):
    """Payer and payee are the same account."""

    code = "self_payment"
    status = 422
    title = "Payer and payee are the same account"


class CorridorClosed(WalletError):
    """Movements between these countries are closed."""

    code = "corridor_closed"
    status = 422
    title = "Movements between these countries are closed"


class OperationPaused(WalletError):
    """This kind of movement is paused."""

    code = "operation_paused"
    status = 503
    title = "This kind of movement is paused"
    retryable = True


class PayeeUnknown(WalletError):
    """There is no such payee."""

    code = "payee_unknown"
    status = 422
    title = "There is no such payee"


class OrderExpired(WalletError):
    """The order's deadline has passed."""

    code = "order_expired"
    status = 422
    title = "The order's deadline has passed"


class OrderAlreadyUsed(WalletError):
    """The order's nonce has been used."""

    code = "order_already_used"
    status = 409
    title = "The order's nonce has been used"


class OrderOutOfGas(WalletError):
    """The payer's wallet contract used more gas than an order may."""

    code = "order_out_of_gas"
    status = 422
    title = "The payer's wallet contract used more gas than an order may"


class SignatureInvalid(WalletError):
    """The signature does not match the order and its signer."""

    code = "signature_invalid"
    status = 422
    title = "The signature does not match the order and its signer"


class SignatureNotAwaited(WalletError):
    """The order does not await a signature."""

    code = "signature_not_awaited"
    status = 409
    title = "The order does not await a signature"


class NotCancellable(WalletError):
    """The payment is final and can't be cancelled."""

    code = "not_cancellable"
    status = 409
    title = "The payment is final and can't be cancelled"


class NotRefundable(WalletError):
    """The payment can't be refunded."""

    code = "not_refundable"
    status = 409
    title = "The payment can't be refunded"


class RefundTooLarge(WalletError):
    """The refund is beyond what was paid and not yet refunded."""

    code = "refund_too_large"
    status = 422
    title = "The refund is beyond what was paid and not yet refunded"


class KindNotAllowed(WalletError):
    """This movement is not open to the one who asked."""

    code = "kind_not_allowed"
    status = 422
    title = "This movement is not open to the one who asked"


class ApprovalsDisabled(WalletError):
    """Allowances are not supported by this money."""

    code = "approvals_disabled"
    status = 422
    title = "Allowances are not supported by this money"


class SupplyTooLarge(WalletError):
    """The supply would exceed what the currency can hold."""

    code = "supply_too_large"
    status = 422
    title = "The supply would exceed what the currency can hold"
