// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Anchors} from "../../../contracts/audit/Anchors.sol";
import {IAnchors} from "../../../contracts/audit/IAnchors.sol";
import {Roles} from "../../../contracts/Roles.sol";
import {Test} from "../support/Test.sol";

contract AnchorsTest is Test {
    uint256 private constant START = 1_772_440_200;
    uint32 private constant TODAY = uint32(START / 1 days);

    Anchors private anchors;
    address private notary;

    function setUp() public {
        vm.warp(START);
        notary = makeAddr("notary");
        AccessManager manager = new AccessManager(address(this));
        anchors = new Anchors(address(manager));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IAnchors.anchor.selector;
        manager.setTargetFunctionRole(address(anchors), selectors, Roles.ANCHOR);
        manager.grantRole(Roles.ANCHOR, notary, 0);
    }

    function _anchor(uint64 size, bytes32 root) private {
        vm.prank(notary);
        anchors.anchor(size, root);
    }

    function test_aRootIsNotedForTheDayOfTheBlock() public {
        vm.expectEmit(address(anchors));
        emit IAnchors.Anchored(TODAY, 42, "root");
        _anchor(42, "root");

        assertEq(anchors.rootOf(TODAY), "root");
        (uint32 day, uint64 size) = anchors.latest();
        assertEq(day, TODAY);
        assertEq(size, 42);
    }

    function test_aDayWithoutARootHasNone() public view {
        assertEq(anchors.rootOf(TODAY), bytes32(0));
        (uint32 day, uint64 size) = anchors.latest();
        assertEq(day, 0);
        assertEq(size, 0);
    }

    function test_onlyWhoHoldsTheRoleAnchors() public {
        bytes4 refused = IAccessManaged.AccessManagedUnauthorized.selector;
        vm.expectRevert(abi.encodeWithSelector(refused, address(this)));
        anchors.anchor(42, "root");
    }

    function test_oneADay() public {
        _anchor(42, "root");
        vm.warp(uint256(TODAY) * 1 days + 1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.DayAnchored.selector, TODAY));
        _anchor(43, "other");

        vm.warp(uint256(TODAY) * 1 days + 1 days);
        _anchor(43, "other");
        assertEq(anchors.rootOf(TODAY), "root");
        assertEq(anchors.rootOf(TODAY + 1), "other");
    }

    function test_theLogNeverShrinks() public {
        _anchor(42, "root");
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.LogShrank.selector, 41, 42));
        _anchor(41, "other");
    }

    function test_aLogOfTheSameSizeHasTheSameRoot() public {
        _anchor(42, "root");
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.LogForked.selector, 42));
        _anchor(42, "other");
        _anchor(42, "root");
        assertEq(anchors.rootOf(TODAY + 1), "root");
    }

    function test_anEmptyLogMayBeAnchored() public {
        _anchor(0, "empty");
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.LogForked.selector, 0));
        _anchor(0, "other");
    }

    function test_whatWasNotedStays(uint64[8] memory grown, uint8[8] memory pauses) public {
        uint64 size = 0;
        uint32[8] memory days_;
        for (uint256 i = 0; i < 8; ++i) {
            size += uint64(bound(grown[i], 1, 1e9));
            vm.warp(vm.getBlockTimestamp() + 1 days * bound(pauses[i], 1, 30));
            _anchor(size, keccak256(abi.encode(size)));
            days_[i] = uint32(vm.getBlockTimestamp() / 1 days);
        }
        size = 0;
        for (uint256 i = 0; i < 8; ++i) {
            size += uint64(bound(grown[i], 1, 1e9));
            assertEq(anchors.rootOf(days_[i]), keccak256(abi.encode(size)));
        }
    }
}
