// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Refusal
/// @notice An error as data: ABI-encoded, or empty when there is none. What explains a refusal and what enforces it
/// can so share the code that decides.
library Refusal {
    /// @notice Reverts with the error, if there is one.
    function enforce(bytes memory refusal) internal pure {
        if (refusal.length == 0) return;
        // The language can revert with a named error only, not with one that is already encoded.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(refusal, 0x20), mload(refusal))
        }
    }
}
