// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that accepts what its owner signs.
contract OwnedWallet is IERC1271 {
    address private owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(
        bytes32 hash,
        bytes calldata signature
    ) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return signer == owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    function setOwner(address newOwner) external {
        owner = newOwner;
    }
}

/// @notice Burns all the gas it is given.
contract GasBurner is IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata) external pure returns (bytes4) {
        while (hash != bytes32(0)) hash = keccak256(abi.encode(hash));
        return IERC1271.isValidSignature.selector;
    }
}

/// @notice Refuses with as much data as fits its gas.
contract ReturnBomb is IERC1271 {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        assembly {
            revert(0, 500000)
        }
    }
}
