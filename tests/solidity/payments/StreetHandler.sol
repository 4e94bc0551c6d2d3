// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {FLAG_MERCHANT, FLAG_SYSTEM} from "../../../contracts/identity/IdentityWord.sol";
import {ClaimOrder, GiftOrder, IGifts} from "../../../contracts/payments/IGifts.sol";
import {
    ChargeOrder,
    IMandates,
    MandateEndOrder,
    MandateOrder
} from "../../../contracts/payments/IMandates.sol";
import {ISplitPayments, SplitOrder} from "../../../contracts/payments/ISplitPayments.sol";
import {Gifts} from "../../../contracts/payments/Gifts.sol";
import {Mandates} from "../../../contracts/payments/Mandates.sol";
import {SplitPayments} from "../../../contracts/payments/SplitPayments.sol";
import {Customers} from "../support/Customers.sol";

/// @notice Five people who let others collect, give, claim and divide. A small model beside the contracts says before
/// each call how it must end, and keeps its own books of who has what.
abstract contract StreetHandler is Customers {
    uint256 private constant LAST_TIME = START + 3000 days;

    struct Granted {
        bytes32 id;
        MandateOrder order;
        bool ended;
        uint256 collected;
    }

    struct Given {
        bytes32 id;
        GiftOrder order;
        uint256 left;
        uint256 shares;
        uint256 claimed;
        uint256 returned;
    }

    Mandates public mandates;
    Gifts public gifts;
    SplitPayments public splits;

    address[] public people;
    mapping(address person => uint256) public keyOf;
    /// @dev What everybody should have by our own books.
    mapping(address person => uint256) public owns;

    Granted[] private granted;
    mapping(bytes32 mandate => mapping(uint256 period => bool)) private charged;
    Given[] private given;
    mapping(bytes32 gift => mapping(address account => bool)) private had;
    mapping(bytes32 request => bytes32) private paidBy;
    bytes32[] private requests;

    mapping(string name => uint256) public done;
    uint256 public calls;
    uint256 public kindsDone;
    uint256 public surprises;
    uint256 private nonces;

    modifier acts() {
        ++calls;
        _;
    }

    function setUp() public virtual override {
        super.setUp();
        mandates = new Mandates(policy, registry, address(batch), address(manager));
        gifts = new Gifts(policy, registry, address(batch), address(manager));
        splits = new SplitPayments(policy, address(batch), address(manager));
        vm.prank(registrar);
        registry.register(address(gifts), 1, GERMANY, 0, FLAG_SYSTEM, "gifts");
        _allow(address(mandates), MovementKind.Payment);
        _allow(address(splits), MovementKind.Payment);
        _allow(address(gifts), MovementKind.EscrowIn);
        string[5] memory names = ["ada", "ben", "cleo", "gym", "kiosk"];
        for (uint256 i = 0; i < 5; ++i) {
            (address person, uint256 key) = makeAccount(names[i]);
            people.push(person);
            keyOf[person] = key;
            _register(person, 3, GERMANY, i < 3 ? 0 : FLAG_MERCHANT);
            _give(person, EUR, 20_000);
            owns[person] = 20_000;
        }
    }

    // --- mandates ---

    function grant(uint256 seed) external acts {
        if (granted.length == 40) return;
        uint32[4] memory lengths = [uint32(0), 1, 7, 30];
        MandateOrder memory order = MandateOrder({
            payer: people[seed % 3],
            merchant: people[3 + (_mix(seed, 1) % 2)],
            currency: EUR,
            ceiling: uint64(1 + (_mix(seed, 2) % 500)),
            periodDays: lengths[_mix(seed, 3) % 4],
            startsAt: uint40(block.timestamp + (_mix(seed, 4) % 2) * 1 days),
            endsAt: uint40(block.timestamp + 1 days + 1 + (_mix(seed, 5) % 200 days)),
            details: "",
            reference_: "",
            nonce: ++nonces,
            deadline: _deadline()
        });
        bytes32 id = mandates.mandateId(order);
        bytes memory signature = signDigest(keyOf[order.payer], id);
        _ends(address(mandates), abi.encodeCall(IMandates.grant, (order, signature)), 0);
        granted.push(Granted(id, order, false, 0));
        _did("grant");
    }

    function charge(uint256 seed) external acts {
        if (granted.length == 0) return;
        Granted storage m = granted[seed % granted.length];
        if (block.timestamp < m.order.startsAt) return;
        uint32 current = mandates.periodAt(m.order, block.timestamp);
        ChargeOrder memory order = ChargeOrder({
            mandate: m.id,
            merchant: m.order.merchant,
            currency: EUR,
            amount: uint64(1 + (_mix(seed, 1) % (uint256(m.order.ceiling) + 20))),
            period: _mix(seed, 2) % 8 == 0 ? current + 1 : current,
            details: "",
            reference_: "",
            nonce: ++nonces,
            deadline: _deadline()
        });
        bytes memory signature = signDigest(keyOf[order.merchant], mandates.chargeId(order));
        bytes4 refusal = _refusalOf(m, order, current);
        bytes memory data = abi.encodeCall(IMandates.charge, (order, signature, m.order));
        if (!_ends(address(mandates), data, refusal)) return;
        charged[m.id][current] = true;
        m.collected += order.amount;
        _moved(m.order.payer, order.merchant, order.amount);
        _did("charge");
        if (m.order.periodDays == 0) _did("charge by the month");
    }

    function endMandate(uint256 seed) external acts {
        if (granted.length == 0 || _mix(seed, 3) % 3 != 0) return;
        Granted storage m = granted[seed % granted.length];
        address side = _mix(seed, 1) % 2 == 0 ? m.order.payer : m.order.merchant;
        MandateEndOrder memory order = MandateEndOrder(m.id, side, "", ++nonces, _deadline());
        bytes memory signature = signDigest(keyOf[side], mandates.mandateEndId(order));
        bytes memory data = abi.encodeCall(IMandates.endMandate, (order, signature, m.order));
        if (!_ends(address(mandates), data, m.ended ? IMandates.MandateIsOver.selector : bytes4(0)))
            return;
        m.ended = true;
        _did("end");
    }

    // --- gifts ---

    function give(uint256 seed) external acts {
        if (given.length == 60) return;
        uint64 amount = uint64(1 + (_mix(seed, 1) % 600));
        (address code, uint256 key) = makeAccount(string.concat("code ", vm.toString(nonces)));
        keyOf[code] = key;
        GiftOrder memory order = GiftOrder({
            giver: people[seed % 5],
            currency: EUR,
            amount: amount,
            shares: uint32(1 + (_mix(seed, 2) % 5)),
            code: code,
            claimUntil: uint40(block.timestamp + 1 + (_mix(seed, 3) % 4 days)),
            details: "",
            reference_: "",
            nonce: ++nonces,
            deadline: _deadline()
        });
        bytes32 id = gifts.giftId(order);
        bytes memory signature = signDigest(keyOf[order.giver], id);
        bytes4 refusal;
        if (order.shares > amount) refusal = IGifts.InvalidGift.selector;
        else if (owns[order.giver] < amount)
            refusal = IERC20Errors.ERC20InsufficientBalance.selector;
        if (!_ends(address(gifts), abi.encodeCall(IGifts.give, (order, signature)), refusal))
            return;
        given.push(Given(id, order, amount, order.shares, 0, 0));
        owns[order.giver] -= amount;
        _did("give");
    }

    function claim(uint256 seed) external acts {
        if (given.length == 0) return;
        Given storage g = given[seed % given.length];
        address account = people[_mix(seed, 1) % 5];
        uint256 most = g.shares == 0 ? 0 : g.left - (g.shares - 1);
        uint64 amount = uint64(1 + (_mix(seed, 2) % (most + 2)));
        ClaimOrder memory order = ClaimOrder({
            gift: g.id,
            code: g.order.code,
            account: account,
            amount: amount,
            reference_: "",
            nonce: ++nonces,
            deadline: _deadline()
        });
        bytes memory signature = signDigest(keyOf[g.order.code], gifts.claimId(order));
        bytes4 refusal;
        if (block.timestamp > g.order.claimUntil) refusal = IGifts.ClaimWindowOver.selector;
        else if (had[g.id][account]) refusal = IGifts.GiftAlreadyClaimed.selector;
        else if (g.shares == 0) refusal = IGifts.NothingLeft.selector;
        else if (amount > most) refusal = IGifts.GiftTooSmall.selector;
        bytes memory data = abi.encodeCall(IGifts.claim, (order, signature, g.order));
        if (!_ends(address(gifts), data, refusal)) return;
        had[g.id][account] = true;
        (g.left, g.shares, g.claimed) = (g.left - amount, g.shares - 1, g.claimed + amount);
        owns[account] += amount;
        _did("claim");
    }

    function returnRest(uint256 seed) external acts {
        if (given.length == 0) return;
        Given storage g = given[seed % given.length];
        bytes4 refusal;
        if (block.timestamp <= g.order.claimUntil) refusal = IGifts.ClaimWindowOpen.selector;
        else if (g.left == 0) refusal = IGifts.NothingLeft.selector;
        if (!_ends(address(gifts), abi.encodeCall(IGifts.returnRest, (g.order)), refusal)) return;
        owns[g.order.giver] += g.left;
        (g.left, g.shares, g.returned) = (0, 0, g.left);
        _did("return the rest");
    }

    // --- payments to several ---

    function paySplit(uint256 seed) external acts {
        SplitOrder memory order = _division(seed);
        bytes32 id = splits.splitId(order);
        bytes memory signature = signDigest(keyOf[order.payer], id);
        bytes32 request = keccak256(
            abi.encode(order.receivers[0], order.amounts[0], order.invoice)
        );
        uint256 total;
        bytes4 refusal;
        for (uint256 i = 0; i < order.receivers.length; ++i) {
            total += order.amounts[i];
            if (order.receivers[i] == order.payer) refusal = ISplitPayments.SelfPayment.selector;
        }
        if (refusal == 0 && paidBy[request] != 0) {
            refusal = ISplitPayments.InvoiceAlreadyPaid.selector;
        }
        if (refusal == 0 && owns[order.payer] < total) {
            refusal = IERC20Errors.ERC20InsufficientBalance.selector;
        }
        bytes memory data = abi.encodeCall(ISplitPayments.paySplit, (order, signature));
        if (!_ends(address(splits), data, refusal)) {
            if (refusal == ISplitPayments.InvoiceAlreadyPaid.selector) _did("not pay twice");
            return;
        }
        paidBy[request] = id;
        requests.push(request);
        for (uint256 i = 0; i < order.receivers.length; ++i) {
            _moved(order.payer, order.receivers[i], order.amounts[i]);
        }
        _did("pay several");
    }

    function passTime(uint256 seed) external acts {
        if (block.timestamp > LAST_TIME) return;
        skip(seed % 4 == 0 ? 1 + (seed % 40 days) : 1 + (seed % 2 days));
        _did("pass time");
    }

    // --- looking ---

    function peopleCount() external view returns (uint256) {
        return people.length;
    }

    function moneyOf(address account) external view returns (uint256) {
        return euro.balanceOf(account);
    }

    /// @notice Whether the contract says of every mandate what our books say.
    function mandatesAgree() external view returns (bool) {
        for (uint256 i = 0; i < granted.length; ++i) {
            Granted storage m = granted[i];
            (bool isGranted, bool ended, , uint64 collected) = mandates.mandateOf(m.id);
            if (!isGranted || ended != m.ended || collected != m.collected) return false;
        }
        return true;
    }

    /// @notice Whether the contract says of every gift what our books say, and each adds up.
    /// @return agree As said.
    /// @return left Of all gifts.
    function giftsAgree() external view returns (bool agree, uint256 left) {
        agree = true;
        for (uint256 i = 0; i < given.length; ++i) {
            Given storage g = given[i];
            (uint64 there, uint32 shares) = gifts.giftOf(g.id);
            if (there != g.left || shares != g.shares) agree = false;
            if (g.left + g.claimed + g.returned != g.order.amount) agree = false;
            left += there;
        }
    }

    function _refusalOf(
        Granted storage m,
        ChargeOrder memory order,
        uint32 current
    ) private view returns (bytes4) {
        if (m.ended) return IMandates.MandateIsOver.selector;
        if (block.timestamp > m.order.endsAt) return IMandates.MandateNotInTime.selector;
        if (order.period != current) return IMandates.WrongPeriod.selector;
        if (charged[m.id][current]) return IMandates.PeriodAlreadyCharged.selector;
        if (order.amount > m.order.ceiling) return IMandates.CeilingExceeded.selector;
        if (owns[m.order.payer] < order.amount) {
            return IERC20Errors.ERC20InsufficientBalance.selector;
        }
        return 0;
    }

    /// @dev Few invoices and amounts, so that some are asked for again.
    function _division(uint256 seed) private returns (SplitOrder memory order) {
        uint256 count = 1 + (_mix(seed, 1) % 8);
        address payer = people[seed % 5];
        address[] memory receivers = new address[](count);
        uint64[] memory amounts = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 who = _mix(seed, 10 + i) % 5;
            if (people[who] == payer && _mix(seed, 2) % 8 != 0) who = (who + 1) % 5;
            (receivers[i], amounts[i]) = (people[who], uint64(1 + (_mix(seed, 30 + i) % 40)));
        }
        amounts[0] = uint64(50 + (_mix(seed, 3) % 2));
        order = SplitOrder({
            payer: payer,
            currency: EUR,
            invoice: bytes32(1 + (_mix(seed, 4) % 12) + (nonces / 100) * 100),
            receivers: receivers,
            amounts: amounts,
            details: "",
            reference_: "",
            nonce: ++nonces,
            deadline: _deadline()
        });
    }

    /// @return Whether the call succeeded, which it must exactly when no refusal is expected.
    function _ends(address target, bytes memory data, bytes4 refusal) private returns (bool) {
        (bool success, bytes memory result) = target.call(data);
        if (success != (refusal == 0) || (!success && bytes4(result) != refusal)) ++surprises;
        if (!success) _did("be refused");
        return success;
    }

    function _moved(address from, address to, uint256 amount) private {
        owns[from] -= amount;
        owns[to] += amount;
    }

    function _allow(address target, MovementKind kind) private {
        MovementKind[] memory kinds = new MovementKind[](1);
        kinds[0] = kind;
        vm.startPrank(governor);
        euro.setMover(target, kinds);
        batch.setTarget(target, true);
        vm.stopPrank();
    }

    function _did(string memory name) private {
        if (done[name]++ == 0) ++kindsDone;
    }

    function _deadline() private view returns (uint64) {
        return uint64(block.timestamp + 1 days);
    }

    function _mix(uint256 seed, uint256 salt) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
