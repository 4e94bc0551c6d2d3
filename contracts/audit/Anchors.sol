// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAnchors} from "./IAnchors.sol";

/// @title Anchors
contract Anchors is AccessManaged, IAnchors {
    struct Latest {
        uint32 day;
        uint64 size;
    }

    Latest private _latest;
    mapping(uint256 day => bytes32 root) private _roots;

    constructor(address authority_) AccessManaged(authority_) {}

    /// @inheritdoc IAnchors
    function anchor(uint64 size, bytes32 root) external restricted {
        uint32 day = uint32(block.timestamp / 1 days);
        Latest memory last = _latest;
        if (day <= last.day) revert DayAnchored(day);
        if (size < last.size) revert LogShrank(size, last.size);
        if (size == last.size && last.day != 0 && root != _roots[last.day]) revert LogForked(size);
        _latest = Latest(day, size);
        _roots[day] = root;
        emit Anchored(day, size, root);
    }

    /// @inheritdoc IAnchors
    function rootOf(uint32 day) external view returns (bytes32 root) {
        return _roots[day];
    }

    /// @inheritdoc IAnchors
    function latest() external view returns (uint32 day, uint64 size) {
        return (_latest.day, _latest.size);
    }
}
