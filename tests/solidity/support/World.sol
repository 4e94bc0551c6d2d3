// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Batch} from "../../../contracts/Batch.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Roles} from "../../../contracts/Roles.sol";
import {AccountRecovery} from "../../../contracts/identity/AccountRecovery.sol";
import {IdentityRegistry} from "../../../contracts/identity/IdentityRegistry.sol";
import {CurrencyToken} from "../../../contracts/money/CurrencyToken.sol";
import {Issuance} from "../../../contracts/money/Issuance.sol";
import {Payments} from "../../../contracts/payments/Payments.sol";
import {TierLimits} from "../../../contracts/policy/ITransferPolicy.sol";
import {TransferPolicy} from "../../../contracts/policy/TransferPolicy.sol";
import {Powers} from "./Powers.sol";

/// @notice A whole deployment, as README.md of the contracts describes it, with five currencies and limits.
abstract contract World is Powers {
    uint256 internal constant START = 1_800_000_000;
    uint64 internal constant NO_LIMIT = type(uint64).max;
    uint16 internal constant GERMANY = 276;
    uint16 internal constant BRAZIL = 76;

    bytes3 internal constant EUR = "EUR";
    bytes3 internal constant USD = "USD";
    bytes3 internal constant JPY = "JPY";
    bytes3 internal constant BHD = "BHD";
    bytes3 internal constant CHF = "CHF";

    AccessManager internal manager;
    IdentityRegistry internal registry;
    TransferPolicy internal policy;
    Batch internal batch;
    Payments internal payments;
    Issuance internal issuance;
    AccountRecovery internal recovery;
    mapping(bytes3 currency => CurrencyToken) internal tokens;
    bytes3[] internal currencies;

    /// @dev The euro's token, which most tests use.
    CurrencyToken internal euro;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(admin);
        registry = new IdentityRegistry(address(manager));
        policy = new TransferPolicy(registry, address(manager));
        batch = new Batch(address(manager));
        payments = new Payments(policy, registry, address(batch), address(manager));
        issuance = new Issuance(policy, address(batch), address(manager));
        recovery = new AccountRecovery(policy, registry, address(manager));
        _giveRoles();
        // Prices are cents for one minor unit, times 1e18.
        _addCurrency("Euro", EUR, 2, 1e18);
        _addCurrency("US dollar", USD, 2, 0.92e18);
        _addCurrency("Yen", JPY, 0, 0.6e18);
        _addCurrency("Bahraini dinar", BHD, 3, 0.245e18);
        _addCurrency("Swiss franc", CHF, 2, 1.05e18);
        euro = tokens[EUR];
        // Tier 1 has every limit, tier 2 no limit on the balance, tier 3 none at all.
        _setLimits(1, TierLimits(100_000, 200_000, 500_000, 1_000_000));
        _setLimits(2, TierLimits(10_000_000, 50_000_000, 200_000_000, NO_LIMIT));
        _setLimits(3, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT));
    }

    function _setLimits(uint8 tier, TierLimits memory limits) internal {
        vm.prank(policyMaker);
        policy.setTierLimits(tier, limits);
    }

    function _addCurrency(string memory name, bytes3 code, uint8 decimals, uint128 price) internal {
        CurrencyToken token = new CurrencyToken(name, code, decimals, policy, address(manager));
        tokens[code] = token;
        currencies.push(code);
        _restrictToken(address(token));
        vm.startPrank(governor);
        token.setMover(address(payments), _kinds(MovementKind.Payment, MovementKind.Refund));
        // No contract of the product, so that movements of every kind can be tried.
        token.setMover(mover, _kindsOfMovers());
        vm.stopPrank();
        vm.startPrank(policyMaker);
        policy.addCurrency(address(token), price);
        issuance.setCaps(code, 1e15, 1e18);
        vm.stopPrank();
        vm.prank(attestor);
        issuance.attestReserves(code, 1e18, uint40(block.timestamp), "report");
    }

    function _kinds(
        MovementKind one,
        MovementKind other
    ) internal pure returns (MovementKind[] memory kinds) {
        kinds = new MovementKind[](2);
        (kinds[0], kinds[1]) = (one, other);
    }

    function _kindsOfMovers() internal pure returns (MovementKind[] memory kinds) {
        kinds = new MovementKind[](5);
        (kinds[0], kinds[1]) = (MovementKind.Payment, MovementKind.Refund);
        (kinds[2], kinds[3]) = (MovementKind.ExchangeIn, MovementKind.ExchangeOut);
        kinds[4] = MovementKind.EscrowIn;
    }

    /// @dev Registers a customer whose due diligence holds for ten years.
    function _register(address account, uint8 tier, uint16 country) internal {
        _register(account, tier, country, 0);
    }

    function _register(address account, uint8 tier, uint16 country, uint16 flags) internal {
        uint40 expiry = uint40(START + 3650 days);
        vm.prank(registrar);
        registry.register(account, tier, country, expiry, flags, keccak256(abi.encode(account)));
    }

    function _freeze(address account) internal {
        vm.prank(freezer);
        registry.freeze(account, "reason");
    }

    /// @dev Gives money past the ceilings of Issuance, which have tests of their own.
    function _give(address account, bytes3 currency, uint256 amount) internal {
        vm.prank(address(issuance));
        tokens[currency].mint(account, amount, "given");
    }

    function _giveRoles() private {
        vm.startPrank(admin);
        _restrict(
            address(registry),
            registry.register.selector,
            registry.update.selector,
            registry.close.selector,
            Roles.REGISTRAR
        );
        _restrict(address(registry), registry.freeze.selector, Roles.FREEZER);
        _restrict(address(registry), registry.unfreeze.selector, Roles.FREEZER);
        _restrict(address(registry), registry.moveAccount.selector, Roles.RECOVERY);

        _restrict(
            address(policy),
            policy.addCurrency.selector,
            policy.setPriceAnchor.selector,
            policy.setTierLimits.selector,
            Roles.POLICY
        );
        _restrict(address(policy), policy.setCorridor.selector, Roles.POLICY);
        _restrict(address(policy), policy.setPrice.selector, Roles.RATE_FEEDER);
        _restrict(address(policy), policy.pause.selector, Roles.PAUSER);
        _restrict(address(policy), policy.unpause.selector, Roles.PAUSER);
        _restrict(address(policy), policy.moveAccount.selector, Roles.RECOVERY);

        _restrict(address(batch), batch.execute.selector, Roles.RELAYER);
        _restrict(address(batch), batch.setTarget.selector, Roles.GOVERNOR);
        _restrict(address(payments), payments.setPolicy.selector, Roles.GOVERNOR);
        _restrict(address(issuance), issuance.setPolicy.selector, Roles.GOVERNOR);
        _restrict(address(issuance), issuance.attestReserves.selector, Roles.ATTESTOR);
        _restrict(address(issuance), issuance.setCaps.selector, Roles.POLICY);
        _restrict(address(issuance), issuance.setMaxAttestationAge.selector, Roles.POLICY);
        _restrict(address(issuance), issuance.propose.selector, Roles.ISSUER_MAKER);
        _restrict(address(issuance), issuance.approve.selector, Roles.ISSUER_CHECKER);
        _restrict(address(issuance), issuance.confirmPayout.selector, Roles.PAYOUT);
        _restrict(address(recovery), recovery.propose.selector, Roles.RECOVERY_MAKER);
        _restrict(address(recovery), recovery.execute.selector, Roles.RECOVERY_CHECKER);
        _restrict(address(recovery), recovery.setModules.selector, Roles.GOVERNOR);
        _restrict(address(recovery), recovery.setPolicy.selector, Roles.GOVERNOR);

        _grantPeople(manager);
        manager.grantRole(Roles.MINTER, address(issuance), 0);
        manager.grantRole(Roles.BURNER, address(issuance), 0);
        manager.grantRole(Roles.RECOVERY, address(recovery), 0);
        vm.stopPrank();
        vm.startPrank(governor);
        batch.setTarget(address(payments), true);
        batch.setTarget(address(issuance), true);
        vm.stopPrank();
    }

    function _restrictToken(address token) private {
        vm.startPrank(admin);
        _restrict(token, euro.setMover.selector, Roles.GOVERNOR);
        _restrict(token, euro.mint.selector, Roles.MINTER);
        _restrict(token, euro.burn.selector, Roles.BURNER);
        _restrict(token, euro.courtTransfer.selector, Roles.COURT);
        _restrict(token, euro.moveAccount.selector, Roles.RECOVERY);
        _restrict(token, euro.setPolicy.selector, Roles.GOVERNOR);
        vm.stopPrank();
    }

    function _restrict(address target, bytes4 a, bytes4 b, bytes4 c, uint64 role) private {
        _restrict(target, a, role);
        _restrict(target, b, role);
        _restrict(target, c, role);
    }

    function _restrict(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }
}
