// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Vm} from "./Vm.sol";

/// @notice What every Solidity test starts from: the runner's functions, assertions that show both
/// sides, and the choice of what an invariant test may call.
/// @dev Functions called `test*` run once, or many times when they take parameters. Functions called
/// `invariant*` run after each of a random series of calls to the contracts named by `targetContract`.
abstract contract Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev The runner answers at this address: the last 20 bytes of keccak256("hevm cheat code").
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    address[] private _targets;
    address[] private _excludedSenders;
    FuzzSelector[] private _selectors;

    // --- invariant tests: the runner reads these three ---

    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    function excludeSenders() public view returns (address[] memory) {
        return _excludedSenders;
    }

    function targetSelectors() public view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    /// @notice Lets an invariant test call the contract; without any, it calls all that were deployed.
    function targetContract(address target) internal {
        _targets.push(target);
    }

    /// @notice Keeps an address from being the sender of an invariant test's calls.
    function excludeSender(address sender) internal {
        _excludedSenders.push(sender);
    }

    /// @notice Lets an invariant test call only these functions of the target.
    function targetSelector(address target, bytes4[] memory selectors) internal {
        _selectors.push(FuzzSelector({addr: target, selectors: selectors}));
    }

    // --- making things up ---

    /// @notice A key and its address, the same for the same name in every run.
    function makeAccount(
        string memory name
    ) internal returns (address account, uint256 privateKey) {
        privateKey = uint256(keccak256(bytes(name)));
        account = vm.addr(privateKey);
        vm.label(account, name);
    }

    /// @notice An address that is the same for the same name in every run.
    function makeAddr(string memory name) internal returns (address account) {
        (account, ) = makeAccount(name);
    }

    /// @notice Maps any number into the range, both ends included, and a number inside it to itself.
    /// @dev Fuzz inputs are mapped instead of rejected, so that no run is wasted.
    function bound(uint256 x, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        require(lowest <= highest, "bound: the range is empty");
        if (x >= lowest && x <= highest) return x;
        uint256 size = highest - lowest;
        if (size == type(uint256).max) return x;
        return lowest + (x % (size + 1));
    }

    /// @notice A signature in the 65-byte form that ECDSA.recover reads.
    function signDigest(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @notice Moves the clock forward.
    /// @dev Reads the runner's clock: the optimizer may keep `block.timestamp` from before a `warp`.
    function skip(uint256 numSeconds) internal {
        vm.warp(vm.getBlockTimestamp() + numSeconds);
    }

    // --- assertions ---

    function assertTrue(bool condition) internal pure {
        vm.assertTrue(condition, "");
    }

    function assertTrue(bool condition, string memory why) internal pure {
        vm.assertTrue(condition, why);
    }

    function assertFalse(bool condition) internal pure {
        vm.assertFalse(condition, "");
    }

    function assertFalse(bool condition, string memory why) internal pure {
        vm.assertFalse(condition, why);
    }

    function assertEq(bool left, bool right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(bool left, bool right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(uint256 left, uint256 right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(int256 left, int256 right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(int256 left, int256 right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(address left, address right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(address left, address right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(bytes32 left, bytes32 right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(bytes32 left, bytes32 right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(string memory left, string memory right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(string memory left, string memory right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertEq(bytes memory left, bytes memory right) internal pure {
        vm.assertEq(left, right, "");
    }

    function assertEq(bytes memory left, bytes memory right, string memory why) internal pure {
        vm.assertEq(left, right, why);
    }

    function assertNotEq(uint256 left, uint256 right) internal pure {
        vm.assertNotEq(left, right, "");
    }

    function assertNotEq(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertNotEq(left, right, why);
    }

    function assertNotEq(address left, address right) internal pure {
        vm.assertNotEq(left, right, "");
    }

    function assertNotEq(address left, address right, string memory why) internal pure {
        vm.assertNotEq(left, right, why);
    }

    function assertNotEq(bytes32 left, bytes32 right) internal pure {
        vm.assertNotEq(left, right, "");
    }

    function assertNotEq(bytes32 left, bytes32 right, string memory why) internal pure {
        vm.assertNotEq(left, right, why);
    }

    function assertGt(uint256 left, uint256 right) internal pure {
        vm.assertGt(left, right, "");
    }

    function assertGt(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertGt(left, right, why);
    }

    function assertGe(uint256 left, uint256 right) internal pure {
        vm.assertGe(left, right, "");
    }

    function assertGe(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertGe(left, right, why);
    }

    function assertLt(uint256 left, uint256 right) internal pure {
        vm.assertLt(left, right, "");
    }

    function assertLt(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertLt(left, right, why);
    }

    function assertLe(uint256 left, uint256 right) internal pure {
        vm.assertLe(left, right, "");
    }

    function assertLe(uint256 left, uint256 right, string memory why) internal pure {
        vm.assertLe(left, right, why);
    }
}
