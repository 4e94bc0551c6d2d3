// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title EitherRole
/// @notice Lets a function be called by either of two roles, which the AccessManager cannot express:
/// it knows one role for a function.
abstract contract EitherRole is AccessManaged {
    /// @dev For functions that only ever take something back, so an execution delay is not waited for.
    modifier eitherRole(uint64 one, uint64 other) {
        if (!_hasRole(one) && !_hasRole(other)) revert AccessManagedUnauthorized(msg.sender);
        _;
    }

    function _hasRole(uint64 role) private view returns (bool isMember) {
        (isMember, ) = IAccessManager(authority()).hasRole(role, msg.sender);
    }
}
