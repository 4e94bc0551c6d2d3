// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EitherRole} from "../EitherRole.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Roles} from "../Roles.sol";
import {IAccountRecovery} from "./IAccountRecovery.sol";
import {IRecoverable} from "./IRecoverable.sol";

/// @title AccountRecovery
contract AccountRecovery is PolicyBound, EitherRole, EIP712, IAccountRecovery {
    uint256 public constant MAX_MODULES = 16;

    bytes32 private constant ACCEPTANCE_TYPEHASH = keccak256(
        "AcceptRecovery(address oldAccount,address newAccount,uint64 deadline)"
    );

    struct Proposal {
        address newAccount;
        uint64 deadline;
        address maker;
    }

    IRecoverable public immutable REGISTRY;

    mapping(address oldAccount => Proposal) private _proposals;
    address[] private _modules;

    constructor(
        ITransferPolicy initialPolicy,
        IRecoverable registry,
        address authority_
    ) PolicyBound(initialPolicy, authority_) EIP712("Wallet Chain", "1") {
        REGISTRY = registry;
    }

    /// @inheritdoc IAccountRecovery
    function propose(
        address oldAccount,
        address newAccount,
        uint64 deadline,
        bytes calldata acceptance
    ) external restricted {
        if (oldAccount == address(0) || newAccount == address(0) || oldAccount == newAccount) {
            revert InvalidRecovery(oldAccount, newAccount);
        }
        if (block.timestamp > deadline) revert RecoveryExpired(deadline);
        Proposal storage open = _proposals[oldAccount];
        if (open.deadline >= block.timestamp) {
            revert RecoveryAlreadyProposed(oldAccount, open.newAccount, open.deadline);
        }
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(ACCEPTANCE_TYPEHASH, oldAccount, newAccount, deadline))
        );
        if (!SignatureChecker.isValidSignatureNowCalldata(newAccount, digest, acceptance)) {
            revert InvalidAcceptance(newAccount);
        }

        _proposals[oldAccount] = Proposal(newAccount, deadline, msg.sender);
        emit RecoveryProposed(oldAccount, newAccount, deadline, msg.sender);
    }

    /// @inheritdoc IAccountRecovery
    function execute(address oldAccount, address newAccount) external restricted {
        Proposal memory proposal = _proposals[oldAccount];
        if (newAccount == address(0) || proposal.newAccount != newAccount) {
            revert RecoveryNotProposed(oldAccount, newAccount);
        }
        if (proposal.maker == msg.sender) revert MakerIsChecker(msg.sender);
        if (block.timestamp > proposal.deadline) revert RecoveryExpired(proposal.deadline);
        delete _proposals[oldAccount];

        REGISTRY.moveAccount(oldAccount, newAccount);
        ITransferPolicy current = policy();
        IRecoverable(address(current)).moveAccount(oldAccount, newAccount);
        bytes3[] memory currencies = current.currencies();
        for (uint256 i = 0; i < currencies.length; ++i) {
            IRecoverable(current.tokenOf(currencies[i])).moveAccount(oldAccount, newAccount);
        }
        for (uint256 i = 0; i < _modules.length; ++i) {
            IRecoverable(_modules[i]).moveAccount(oldAccount, newAccount);
        }
        emit RecoveryExecuted(oldAccount, newAccount, proposal.maker, msg.sender);
    }

    /// @inheritdoc IAccountRecovery
    function withdraw(
        address oldAccount
    ) external eitherRole(Roles.RECOVERY_MAKER, Roles.RECOVERY_CHECKER) {
        address newAccount = _proposals[oldAccount].newAccount;
        if (newAccount == address(0)) revert RecoveryNotProposed(oldAccount, newAccount);
        delete _proposals[oldAccount];
        emit RecoveryWithdrawn(oldAccount, newAccount, msg.sender);
    }

    /// @inheritdoc IAccountRecovery
    function setModules(address[] calldata modules_) external restricted {
        if (modules_.length > MAX_MODULES) revert TooManyModules(modules_.length, MAX_MODULES);
        _modules = modules_;
        emit ModulesSet(modules_);
    }

    /// @inheritdoc IAccountRecovery
    function modules() external view returns (address[] memory) {
        return _modules;
    }

    /// @inheritdoc IAccountRecovery
    function proposalOf(
        address oldAccount
    ) external view returns (address newAccount, uint64 deadline, address maker) {
        Proposal memory proposal = _proposals[oldAccount];
        return (proposal.newAccount, proposal.deadline, proposal.maker);
    }

    /// @notice The EIP-712 domain separator.
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}
