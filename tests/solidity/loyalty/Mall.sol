// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Roles} from "../../../contracts/Roles.sol";
import {FLAG_SYSTEM} from "../../../contracts/identity/IdentityWord.sol";
import {Loyalty} from "../../../contracts/loyalty/Loyalty.sol";
import {LoyaltyDesk} from "../../../contracts/loyalty/LoyaltyDesk.sol";
import {Offers} from "../../../contracts/loyalty/Offers.sol";
import {Purchases} from "../../../contracts/loyalty/Purchases.sol";
import {Digests} from "./Digests.sol";

/// @notice A deployment with what purchases need, as README.md of the contracts describes it.
abstract contract Mall is Digests {
    Loyalty internal loyalty;
    address internal organiser = makeAddr("organiser");

    function setUp() public virtual override {
        super.setUp();
        _deployLoyalty();
        _restrictLoyalty();
    }

    function _deployLoyalty() private {
        loyalty = new Loyalty(policy, address(manager));
        desk = new LoyaltyDesk(policy, registry, loyalty, address(batch), address(manager));
        offers = new Offers(loyalty, address(batch), address(manager));
        purchases = new Purchases(
            policy,
            registry,
            loyalty,
            offers,
            address(batch),
            address(manager)
        );
        vm.prank(registrar);
        registry.register(address(loyalty), 1, GERMANY, 0, FLAG_SYSTEM, "loyalty");
        vm.startPrank(governor);
        for (uint256 i = 0; i < currencies.length; ++i) {
            MovementKind[] memory kinds = new MovementKind[](2);
            (kinds[0], kinds[1]) = (MovementKind.Payment, MovementKind.Refund);
            tokens[currencies[i]].setMover(address(purchases), kinds);
            kinds = new MovementKind[](1);
            kinds[0] = MovementKind.EscrowIn;
            tokens[currencies[i]].setMover(address(loyalty), kinds);
        }
        batch.setTarget(address(desk), true);
        batch.setTarget(address(offers), true);
        batch.setTarget(address(purchases), true);
        address[] memory modules = new address[](1);
        modules[0] = address(loyalty);
        recovery.setModules(modules);
        vm.stopPrank();
    }

    function _restrictLoyalty() private {
        vm.startPrank(admin);
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = loyalty.createProgramme.selector;
        selectors[1] = loyalty.closeProgramme.selector;
        selectors[2] = loyalty.setMember.selector;
        selectors[3] = loyalty.returnPool.selector;
        manager.setTargetFunctionRole(address(loyalty), selectors, Roles.LOYALTY);
        selectors = new bytes4[](7);
        selectors[0] = loyalty.setEarning.selector;
        selectors[1] = loyalty.deposit.selector;
        selectors[2] = loyalty.withdraw.selector;
        selectors[3] = loyalty.transferPoints.selector;
        selectors[4] = loyalty.settle.selector;
        selectors[5] = loyalty.takeBack.selector;
        selectors[6] = loyalty.restore.selector;
        manager.setTargetFunctionRole(address(loyalty), selectors, Roles.CASHIER);
        selectors = new bytes4[](1);
        selectors[0] = loyalty.moveAccount.selector;
        manager.setTargetFunctionRole(address(loyalty), selectors, Roles.RECOVERY);
        selectors = new bytes4[](2);
        selectors[0] = offers.giveTo.selector;
        selectors[1] = offers.giveBack.selector;
        manager.setTargetFunctionRole(address(offers), selectors, Roles.CASHIER);
        manager.grantRole(Roles.LOYALTY, organiser, 0);
        manager.grantRole(Roles.CASHIER, address(desk), 0);
        manager.grantRole(Roles.CASHIER, address(purchases), 0);
        vm.stopPrank();
    }
}
