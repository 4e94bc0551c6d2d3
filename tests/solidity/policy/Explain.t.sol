// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {
    Corridor,
    ITransferPolicy,
    Query,
    Switch
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";

/// @notice What `explain` says is what happens, to the byte, in any state and for any movement.
contract ExplainTest is Movements {
    address[] private accounts;
    mapping(bytes4 refusal => uint256) private seen;
    uint256 private allowed;

    function setUp() public override {
        super.setUp();
        accounts = [address(0), alice, bob, stranger];
        for (uint256 i = 0; i < 8; ++i) {
            address account = makeAddr(string.concat("account ", vm.toString(i)));
            _register(account, uint8(1 + (i % 4)), i % 2 == 0 ? GERMANY : BRAZIL);
            accounts.push(account);
        }
        for (uint256 i = 4; i < 9; ++i) {
            if (i != 7) _give(accounts[i], EUR, 500_000);
        }
        _giveStandings();
        _register(address(batch), 3, GERMANY, 8);
        accounts.push(address(batch));
        address provider = makeAddr("provider");
        _register(provider, 3, BRAZIL, 4);
        _give(provider, EUR, 500_000);
        accounts.push(provider);
        vm.prank(mover);
        euro.move(alice, address(batch), 5000, MovementKind.EscrowIn, "held");
    }

    function _giveStandings() private {
        _freeze(accounts[8]);
        vm.startPrank(registrar);
        registry.close(accounts[9], "reason");
        registry.update(accounts[10], 3, GERMANY, uint40(START + 1), 0);
        vm.stopPrank();
        vm.prank(address(recovery));
        registry.moveAccount(accounts[11], makeAddr("successor"));
        vm.warp(START + 1);
    }

    function _pick(uint256 seed, string memory what, uint256 count) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what))) % count;
    }

    /// @dev Changes the state at random: pauses, corridors, prices and what accounts have used.
    function _disturb(uint256 seed) private {
        uint256 switches = _pick(seed, "switches", 40);
        vm.startPrank(pauser);
        if (switches < 4) policy.pause(Switch(switches));
        vm.stopPrank();
        if (_pick(seed, "corridor", 8) == 0) {
            vm.prank(policyMaker);
            policy.setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        }
        if (_pick(seed, "price", 4) == 0) {
            vm.prank(rateFeeder);
            policy.setPrice(EUR, uint128(0.5e18 + _pick(seed, "to", 1.5e18)));
        }
        address payer = accounts[4];
        for (uint256 i = _pick(seed, "payments", 4); i > 0; --i) {
            uint256 amount = 1 + _pick(seed + i, "amount", 100_000);
            _perform(euro, MovementKind.Payment, payer, bob, amount);
            skip(_pick(seed + i, "wait", 2 days));
        }
    }

    function _amount(uint256 seed) private pure returns (uint256) {
        uint256 kind = _pick(seed, "kind of amount", 8);
        if (kind == 0) return 0;
        if (kind == 1) return type(uint256).max - _pick(seed, "large", 1000);
        if (kind == 2) return 2 ** 63 - 1 - _pick(seed, "supply", 10_000_000);
        if (kind == 3) return 1 << _pick(seed, "power", 255);
        return 1 + _pick(seed, "amount", 250_000);
    }

    function _question(uint256 seed) private view returns (Query memory query) {
        query.currency = _pick(seed, "currency", 20) == 0 ? USD : EUR;
        // A recovery moves all there is and asks nothing.
        query.kind = MovementKind(1 + _pick(seed, "kind", KINDS - 1));
        if (query.kind == MovementKind.Recovery) query.kind = MovementKind.Payment;
        query.from = accounts[_pick(seed, "from", accounts.length)];
        query.to = accounts[_pick(seed, "to", accounts.length)];
        if (query.kind == MovementKind.Mint) query.from = address(0);
        if (query.kind == MovementKind.Redemption) query.to = address(0);
        query.amount = _amount(seed);
    }

    function test_explainIsWhatHappens(uint128 seed) public {
        _disturb(seed);
        Query memory query = _question(seed);
        _check(query);
    }

    function _check(Query memory query) private {
        (bytes memory explained, ) = policy.explain(
            query.currency,
            query.kind,
            query.from,
            query.to,
            query.amount
        );
        Query[] memory queries = new Query[](1);
        queries[0] = query;
        assertEq(policy.explainMany(queries)[0], explained);
        if (explained.length != 0) vm.expectRevert(explained);
        policy.requireAllowed(query.currency, query.kind, query.from, query.to, query.amount);
        bytes memory actual = _perform(
            tokens[query.currency],
            query.kind,
            query.from,
            query.to,
            query.amount
        );
        assertEq(explained, actual);
        if (actual.length == 0) ++allowed;
        else ++seen[bytes4(actual)];
    }

    /// @dev The same with seeds of our own, to be sure that every refusal and success was among them.
    function test_theQuestionsReachEveryAnswer() public {
        bytes4[13] memory answers = [
            bytes4(keccak256("AccountWasReplaced(address,address)")),
            ITransferPolicy.OperationPaused.selector,
            ITransferPolicy.KindNotForAccount.selector,
            ITransferPolicy.NotAProvider.selector,
            ITransferPolicy.CorridorClosed.selector,
            ITransferPolicy.LimitExceeded.selector,
            ICurrencyToken.ZeroAmount.selector,
            ICurrencyToken.SupplyTooLarge.selector,
            bytes4(keccak256("UnknownAccount(address)")),
            bytes4(keccak256("AccountIsFrozen(address)")),
            bytes4(keccak256("AccountIsClosed(address)")),
            bytes4(keccak256("KycExpired(address,uint40)")),
            bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)"))
        ];
        uint256 snapshot = vm.snapshotState();
        uint256[14] memory counts;
        for (uint256 seed = 0; seed < 1500; ++seed) {
            _disturb(seed);
            _check(_question(seed));
            for (uint256 i = 0; i < answers.length; ++i) {
                if (seen[answers[i]] != 0) counts[i] = 1;
            }
            if (allowed != 0) counts[13] = 1;
            vm.revertToState(snapshot);
            snapshot = vm.snapshotState();
        }
        for (uint256 i = 0; i < counts.length; ++i) {
            assertEq(counts[i], 1, string.concat("never reached answer ", vm.toString(i)));
        }
    }

    function test_explain_refusesAMovementWithoutAKindOrSides() public view {
        _explained(
            MovementKind.None,
            alice,
            bob,
            abi.encodeWithSelector(ICurrencyToken.KindNotAllowed.selector, MovementKind.None)
        );
        _explained(
            MovementKind.Mint,
            alice,
            bob,
            abi.encodeWithSignature("ERC20InvalidSender(address)", alice)
        );
        _explained(
            MovementKind.Payment,
            address(0),
            bob,
            abi.encodeWithSignature("ERC20InvalidSender(address)", address(0))
        );
        _explained(
            MovementKind.Payment,
            alice,
            address(0),
            abi.encodeWithSignature("ERC20InvalidReceiver(address)", address(0))
        );
        _explained(
            MovementKind.Redemption,
            alice,
            bob,
            abi.encodeWithSignature("ERC20InvalidReceiver(address)", bob)
        );
    }

    function _explained(
        MovementKind kind,
        address from,
        address to,
        bytes memory refusal
    ) private view {
        (bytes memory explained, ) = policy.explain(EUR, kind, from, to, 1);
        assertEq(explained, refusal);
    }
}
