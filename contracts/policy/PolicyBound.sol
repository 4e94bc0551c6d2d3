// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ITransferPolicy} from "./ITransferPolicy.sol";

/// @title PolicyBound
/// @notice A contract that follows a transfer policy, which the administrator can replace.
///
/// Warning: a new policy can refuse everything or nothing. A deployment gives `setPolicy` a delay.
abstract contract PolicyBound is AccessManaged {
    event PolicyReplaced(address indexed oldPolicy, address indexed newPolicy);

    /// @notice The address holds no contract.
    error InvalidPolicy(address policy);

    ITransferPolicy private _policy;

    constructor(ITransferPolicy initialPolicy, address authority_) AccessManaged(authority_) {
        _setPolicy(initialPolicy);
    }

    /// @notice Follows `newPolicy` from now on.
    function setPolicy(ITransferPolicy newPolicy) external restricted {
        _setPolicy(newPolicy);
    }

    function policy() public view returns (ITransferPolicy) {
        return _policy;
    }

    function _setPolicy(ITransferPolicy newPolicy) private {
        if (address(newPolicy).code.length == 0) revert InvalidPolicy(address(newPolicy));
        emit PolicyReplaced(address(_policy), address(newPolicy));
        _policy = newPolicy;
    }
}
