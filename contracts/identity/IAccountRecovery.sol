// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IAccountRecovery
/// @notice Gives a customer who lost a key a new one: identity, limits used and every balance
/// move to it in one transaction, or nothing does.
///
/// Promises
/// - Two people decide, one proposing and another executing, and the new key has agreed by signature.
/// - All or nothing: one part that cannot move undoes the others.
/// - A frozen account stays frozen under its new key.
/// - Every currency of the policy moves; none can be left out by mistake.
///
/// Warning: maker and checker together can hand any account to any new key.
interface IAccountRecovery {
    event RecoveryProposed(
        address indexed oldAccount,
        address indexed newAccount,
        uint64 deadline,
        address maker
    );
    event RecoveryExecuted(
        address indexed oldAccount,
        address indexed newAccount,
        address maker,
        address checker
    );
    event RecoveryWithdrawn(address indexed oldAccount, address indexed newAccount, address by);
    event ModulesSet(address[] modules);

    /// @notice The account is zero, or old and new are the same.
    error InvalidRecovery(address oldAccount, address newAccount);
    /// @notice The deadline has passed.
    error RecoveryExpired(uint64 deadline);
    /// @notice The acceptance is not a signature of the new account.
    error InvalidAcceptance(address newAccount);
    /// @notice A proposal for this account is open until `deadline`.
    error RecoveryAlreadyProposed(address oldAccount, address newAccount, uint64 deadline);
    error RecoveryNotProposed(address oldAccount, address newAccount);
    error MakerIsChecker(address account);
    error TooManyModules(uint256 count, uint256 countMax);

    /// @param newAccount Must not be registered yet when the recovery executes.
    /// @param deadline Unix time in seconds, the last at which the recovery may execute.
    /// @param acceptance EIP-712 signature by `newAccount` over
    /// AcceptRecovery(address oldAccount,address newAccount,uint64 deadline).
    function propose(
        address oldAccount,
        address newAccount,
        uint64 deadline,
        bytes calldata acceptance
    ) external;

    /// @notice Moves everything. The caller must not be the one who proposed.
    function execute(address oldAccount, address newAccount) external;

    /// @notice Takes a proposal back; either side may.
    function withdraw(address oldAccount) external;

    /// @notice Replaces the list of further contracts that keep state under accounts.
    /// The registry, the policy and the policy's currencies are always included.
    function setModules(address[] calldata modules_) external;

    function modules() external view returns (address[] memory);

    /// @notice The latest proposal for `oldAccount`; zero when there is none.
    function proposalOf(
        address oldAccount
    ) external view returns (address newAccount, uint64 deadline, address maker);
}
