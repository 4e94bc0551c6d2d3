// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../MovementKind.sol";

/// @title KindSets
/// @notice Sets of kinds of movement, one bit each: what stops them, and whose limits they count for.
library KindSets {
    uint256 internal constant EXCHANGE =
        (1 << uint8(MovementKind.ExchangeIn)) | (1 << uint8(MovementKind.ExchangeOut));
    uint256 internal constant INTO_ESCROW = (1 << uint8(MovementKind.EscrowIn)) | EXCHANGE;
    uint256 internal constant OUT_OF_ESCROW =
        (1 << uint8(MovementKind.EscrowOut)) | (1 << uint8(MovementKind.EscrowReturn));
    /// @dev Between two accounts that nothing can be said against, the corridor alone decides.
    uint256 internal constant BETWEEN_CUSTOMERS =
        (1 << uint8(MovementKind.Payment)) |
            (1 << uint8(MovementKind.Refund)) |
            (1 << uint8(MovementKind.Direct));
    uint256 internal constant STOPPED_BY_OUTGOING =
        (1 << uint8(MovementKind.Payment)) | (1 << uint8(MovementKind.Direct)) | EXCHANGE;
    uint256 internal constant STOPPED_BY_ISSUANCE = 1 << uint8(MovementKind.Mint);
    uint256 internal constant STOPPED_BY_REDEMPTION = 1 << uint8(MovementKind.Redemption);
    uint256 internal constant STOPPED_BY_EVERYTHING =
        STOPPED_BY_OUTGOING |
            STOPPED_BY_ISSUANCE |
            STOPPED_BY_REDEMPTION |
            (1 << uint8(MovementKind.Refund)) |
            (1 << uint8(MovementKind.EscrowIn));
    uint256 internal constant COUNTS_FOR_PAYER =
        (STOPPED_BY_OUTGOING & ~(1 << uint8(MovementKind.ExchangeOut))) |
            STOPPED_BY_REDEMPTION |
            (1 << uint8(MovementKind.Refund)) |
            (1 << uint8(MovementKind.EscrowIn));
    uint256 internal constant COUNTS_FOR_PAYEE =
        STOPPED_BY_OUTGOING | STOPPED_BY_ISSUANCE | (1 << uint8(MovementKind.EscrowOut));
}
