// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Roles} from "../../../contracts/Roles.sol";
import {Test} from "./Test.sol";

/// @notice The people and machines that hold the roles, each one role only.
abstract contract Powers is Test {
    address internal admin = makeAddr("admin");
    address internal registrar = makeAddr("registrar");
    address internal freezer = makeAddr("freezer");
    address internal court = makeAddr("court");
    address internal recoveryMaker = makeAddr("recovery maker");
    address internal recoveryChecker = makeAddr("recovery checker");
    address internal policyMaker = makeAddr("policy maker");
    address internal rateFeeder = makeAddr("rate feeder");
    address internal issuerMaker = makeAddr("issuer maker");
    address internal issuerChecker = makeAddr("issuer checker");
    address internal attestor = makeAddr("attestor");
    address internal pauser = makeAddr("pauser");
    address internal relayer = makeAddr("relayer");
    address internal payoutClerk = makeAddr("payout clerk");
    address internal governor = makeAddr("governor");
    address internal mover = makeAddr("mover");
    /// @dev Holds nothing.
    address internal stranger = makeAddr("stranger");

    function _grantPeople(AccessManager manager) internal {
        manager.grantRole(Roles.REGISTRAR, registrar, 0);
        manager.grantRole(Roles.FREEZER, freezer, 0);
        manager.grantRole(Roles.COURT, court, 0);
        manager.grantRole(Roles.RECOVERY_MAKER, recoveryMaker, 0);
        manager.grantRole(Roles.RECOVERY_CHECKER, recoveryChecker, 0);
        manager.grantRole(Roles.POLICY, policyMaker, 0);
        manager.grantRole(Roles.RATE_FEEDER, rateFeeder, 0);
        manager.grantRole(Roles.ISSUER_MAKER, issuerMaker, 0);
        manager.grantRole(Roles.ISSUER_CHECKER, issuerChecker, 0);
        manager.grantRole(Roles.ATTESTOR, attestor, 0);
        manager.grantRole(Roles.PAUSER, pauser, 0);
        manager.grantRole(Roles.RELAYER, relayer, 0);
        manager.grantRole(Roles.PAYOUT, payoutClerk, 0);
        manager.grantRole(Roles.GOVERNOR, governor, 0);
    }
}
