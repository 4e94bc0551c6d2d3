// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Why money moved. The number is part of every history head, so the order never changes
/// and new kinds are added at the end.
/// EscrowIn: a customer's money into escrow. EscrowOut: from escrow to whom it was meant for.
/// ExchangeIn: what a customer gives a provider of foreign exchange, or into escrow for one.
/// ExchangeOut: what a provider gives in return, or into escrow.
/// EscrowReturn: from escrow back to who gave it.
enum MovementKind {
    None,
    Mint,
    Redemption,
    Payment,
    Refund,
    Direct,
    CourtOrder,
    Recovery,
    EscrowIn,
    EscrowOut,
    ExchangeIn,
    ExchangeOut,
    EscrowReturn
}
