// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IRecoverable} from "../identity/IRecoverable.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {MovementKind} from "../MovementKind.sol";
import {Refusal} from "../Refusal.sol";
import {ICurrencyToken} from "./ICurrencyToken.sol";

/// @title CurrencyToken
contract CurrencyToken is PolicyBound, ICurrencyToken, IERC20Errors, IRecoverable {
    uint256 public constant MAX_SUPPLY = 2 ** 63 - 1;

    // Sets of kinds of movement, one bit each.
    uint256 private constant KINDS_OUT_OF_ESCROW =
        (1 << uint8(MovementKind.EscrowOut)) | (1 << uint8(MovementKind.EscrowReturn));
    uint256 private constant KINDS_OF_MOVERS =
        (1 << uint8(MovementKind.Payment)) |
            (1 << uint8(MovementKind.Refund)) |
            (1 << uint8(MovementKind.EscrowIn)) |
            (1 << uint8(MovementKind.ExchangeIn)) |
            (1 << uint8(MovementKind.ExchangeOut));

    /// @param word Lowest bits first: balance (64), number of entries (40), head (152).
    struct Account {
        uint256 word;
    }

    uint256 private constant ENTRIES_AT = 64;
    uint256 private constant ENTRIES_MAX = type(uint40).max;
    uint256 private constant BALANCE_AND_ENTRIES = (1 << 104) - 1;

    bytes3 private immutable CODE;
    uint8 private immutable DECIMALS;

    mapping(address account => Account) private _accounts;
    uint256 private _totalSupply;
    mapping(bytes32 orderReference => bool) private _courtOrders;
    mapping(address mover => uint256 kinds) private _kindsOf;
    string private _name;

    constructor(
        string memory name_,
        bytes3 code,
        uint8 decimals_,
        ITransferPolicy initialPolicy,
        address authority_
    ) PolicyBound(initialPolicy, authority_) {
        _name = name_;
        CODE = code;
        DECIMALS = decimals_;
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 value) external returns (bool) {
        _update(msg.sender, to, value, MovementKind.Direct, bytes32(0));
        return true;
    }

    /// @notice There are no allowances: always reverts.
    function approve(address, uint256) external pure returns (bool) {
        revert ApprovalsDisabled();
    }

    /// @notice There are no allowances: always reverts.
    function transferFrom(address, address, uint256) external pure returns (bool) {
        revert ApprovalsDisabled();
    }

    /// @inheritdoc ICurrencyToken
    function move(
        address from,
        address to,
        uint256 value,
        MovementKind kind,
        bytes32 ref
    ) external {
        uint256 bit = 1 << uint8(kind);
        // Escrow gives by its own call, so that no permission that could be taken away stands in the way.
        uint256 kinds = msg.sender == from ? KINDS_OUT_OF_ESCROW : 0;
        if (kinds & bit == 0 && _kindsOf[msg.sender] & bit == 0) revert NotAMover(msg.sender, kind);
        _update(from, to, value, kind, ref);
    }

    /// @inheritdoc ICurrencyToken
    function setMover(address mover, MovementKind[] calldata kinds) external restricted {
        uint256 bits;
        for (uint256 i = 0; i < kinds.length; ++i) {
            uint256 bit = 1 << uint8(kinds[i]);
            if (KINDS_OF_MOVERS & bit == 0) revert KindNotAllowed(kinds[i]);
            bits |= bit;
        }
        _kindsOf[mover] = bits;
        emit MoverSet(mover, kinds);
    }

    /// @inheritdoc ICurrencyToken
    function mint(address to, uint256 value, bytes32 ref) external restricted {
        _update(address(0), to, value, MovementKind.Mint, ref);
    }

    /// @inheritdoc ICurrencyToken
    function burn(address from, uint256 value, bytes32 ref) external restricted {
        _update(from, address(0), value, MovementKind.Redemption, ref);
    }

    /// @inheritdoc ICurrencyToken
    function courtTransfer(
        address from,
        address to,
        uint256 value,
        bytes32 orderReference
    ) external restricted {
        if (orderReference == bytes32(0)) revert CourtOrderReferenceMissing();
        if (_courtOrders[orderReference]) revert CourtOrderAlreadyExecuted(orderReference);
        _courtOrders[orderReference] = true;
        _update(from, to, value, MovementKind.CourtOrder, orderReference);
        emit CourtOrderExecuted(orderReference, from, to, value, msg.sender);
    }

    /// @inheritdoc IRecoverable
    function moveAccount(address from, address to) external restricted {
        uint256 balance = balanceOf(from);
        if (balance == 0) return;
        _update(from, to, balance, MovementKind.Recovery, keccak256(abi.encode(from, to)));
    }

    /// @inheritdoc ICurrencyToken
    function accountState(
        address account
    ) external view returns (uint256 balance, uint64 seq, bytes32 head) {
        uint256 word = _accounts[account].word;
        return (uint64(word), uint40(word >> ENTRIES_AT), bytes32(word & ~BALANCE_AND_ENTRIES));
    }

    /// @inheritdoc ICurrencyToken
    function mayMove(address mover, MovementKind kind) external view returns (bool) {
        return (_kindsOf[mover] >> uint8(kind)) & 1 != 0;
    }

    /// @inheritdoc ICurrencyToken
    function courtOrderExecuted(bytes32 orderReference) external view returns (bool) {
        return _courtOrders[orderReference];
    }

    /// @inheritdoc ICurrencyToken
    function currency() external view returns (bytes3) {
        return CODE;
    }

    /// @inheritdoc IERC20Metadata
    function name() external view returns (string memory) {
        return _name;
    }

    /// @inheritdoc IERC20Metadata
    function symbol() external view returns (string memory) {
        return string(abi.encodePacked(CODE));
    }

    /// @inheritdoc IERC20Metadata
    function decimals() external view returns (uint8) {
        return DECIMALS;
    }

    /// @inheritdoc IERC20
    function totalSupply() external view returns (uint256) {
        return _totalSupply;
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) public view returns (uint256) {
        return uint64(_accounts[account].word);
    }

    /// @inheritdoc IERC20
    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ICurrencyToken
    function refusalBeforePolicy(
        address from,
        address to,
        uint256 value,
        MovementKind kind
    ) public pure returns (bytes memory refusal) {
        if (kind == MovementKind.None) return abi.encodeWithSelector(KindNotAllowed.selector, kind);
        if (value == 0) return abi.encodeWithSelector(ZeroAmount.selector);
        if ((from == address(0)) != (kind == MovementKind.Mint)) {
            return abi.encodeWithSelector(ERC20InvalidSender.selector, from);
        }
        if ((to == address(0)) != (kind == MovementKind.Redemption)) {
            return abi.encodeWithSelector(ERC20InvalidReceiver.selector, to);
        }
    }

    /// @inheritdoc ICurrencyToken
    function refusalAfterPolicy(address from, uint256 value) external view returns (bytes memory) {
        if (from == address(0)) return _refusedBySupply(_totalSupply, value);
        return _refusedByBalance(from, balanceOf(from), value);
    }

    /// @dev The only place that changes balances, supply and heads.
    function _update(
        address from,
        address to,
        uint256 value,
        MovementKind kind,
        bytes32 ref
    ) private {
        Refusal.enforce(refusalBeforePolicy(from, to, value, kind));
        policy().consume(from, to, value, kind);

        // Head and number differ between the two sides and are filled in for each.
        bytes memory entry = abi.encode(bytes32(0), uint256(0), kind, from, to, value, ref);
        uint256 fromSeq;
        uint256 toSeq;
        if (from == address(0)) {
            uint256 supply = _totalSupply;
            Refusal.enforce(_refusedBySupply(supply, value));
            _totalSupply = supply + value;
        } else {
            Account storage payer = _accounts[from];
            uint256 word = payer.word;
            uint256 balance = uint64(word);
            Refusal.enforce(_refusedByBalance(from, balance, value));
            unchecked {
                (payer.word, fromSeq) = _entered(entry, from, word, balance - value);
            }
        }
        if (to == address(0)) {
            _totalSupply -= value;
        } else {
            // No balance exceeds the supply, so the sum stays within its bits.
            Account storage payee = _accounts[to];
            uint256 word = payee.word;
            unchecked {
                (payee.word, toSeq) = _entered(entry, to, word, uint64(word) + value);
            }
        }
        emit Transfer(from, to, value);
        emit EntryRecorded(ref, kind, uint64(fromSeq), uint64(toSeq));
    }

    /// @dev The account's word after one entry more, and the entry's number.
    function _entered(
        bytes memory entry,
        address account,
        uint256 word,
        uint256 balance
    ) private pure returns (uint256 next, uint256 seq) {
        seq = ((word >> ENTRIES_AT) & ENTRIES_MAX) + 1;
        if (seq > ENTRIES_MAX) revert HistoryFull(account);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(add(entry, 0x20), and(word, not(BALANCE_AND_ENTRIES)))
            mstore(add(entry, 0x40), seq)
            next := keccak256(add(entry, 0x20), mload(entry))
        }
        next = (next & ~BALANCE_AND_ENTRIES) | (seq << ENTRIES_AT) | balance;
    }

    function _refusedBySupply(
        uint256 supply,
        uint256 value
    ) private pure returns (bytes memory refusal) {
        if (value > MAX_SUPPLY - supply) {
            return abi.encodeWithSelector(SupplyTooLarge.selector, supply, value, MAX_SUPPLY);
        }
    }

    function _refusedByBalance(
        address from,
        uint256 balance,
        uint256 value
    ) private pure returns (bytes memory refusal) {
        if (value > balance) {
            return abi.encodeWithSelector(ERC20InsufficientBalance.selector, from, balance, value);
        }
    }
}
