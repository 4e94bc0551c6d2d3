// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Status} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {IIssuance} from "../../../contracts/money/IIssuance.sol";
import {ITransferPolicy, TierLimits} from "../../../contracts/policy/ITransferPolicy.sol";
import {Replay} from "./Replay.sol";

/// @notice The bank's side: people with powers, who use them, and a stranger who has none and tries.
abstract contract Staff is Replay {
    uint256 private constant PEOPLE = 6;
    uint256 private constant ACCOUNTS_MAX = 12;

    /// @notice Every account that was ever registered, and escrow.
    address[] public accounts;
    mapping(address account => uint256) internal keys;
    /// @dev The accounts in use now.
    address[] internal customers;
    address internal escrow;

    /// @notice How often each kind of call has done what it is for.
    mapping(string name => uint256) public done;
    uint256 public calls;
    /// @notice How many kinds of call have.
    uint256 public kindsDone;

    bytes32[] private proposals;
    uint256 private deposits;
    /// @notice By currency: what was attested when money was last minted.
    mapping(bytes3 currency => uint256) public attestedAtMint;
    uint256 public mintsAboveReserves;
    uint256 public powersUsurped;

    modifier acts() {
        ++calls;
        vm.recordLogs();
        _;
        _replay();
    }

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        // So tight that they are met all the time.
        _setLimits(2, TierLimits(60_000, 100_000, 250_000, 1_350_000));
        escrow = address(batch);
        _register(escrow, 3, GERMANY, 8);
        accounts.push(escrow);
        _adopt(alice, aliceKey);
        _adopt(bob, bobKey);
        for (uint256 i = 2; i < PEOPLE; ++i) {
            (address account, uint256 key) = makeAccount(
                string.concat("customer ", vm.toString(i))
            );
            _register(account, 2, GERMANY);
            _adopt(account, key);
            _give(account, EUR, 1_000_000);
            _give(account, JPY, 500_000);
        }
        for (uint256 i = 0; i < currencies.length; ++i) {
            attestedAtMint[currencies[i]] = type(uint256).max;
        }
        _replay();
    }

    function _adopt(address account, uint256 key) private {
        accounts.push(account);
        customers.push(account);
        keys[account] = key;
    }

    function _did(string memory name) internal {
        if (done[name]++ == 0) ++kindsDone;
    }

    // --- reading, for the invariants ---

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }

    function tokenOf(bytes3 currency) external view returns (address) {
        return address(tokens[currency]);
    }

    /// @dev That each role has the holders it was given and no other among all who take part.
    function rolesAreAsGranted() external view returns (bool) {
        address[17] memory people = [
            admin,
            registrar,
            freezer,
            court,
            recoveryMaker,
            recoveryChecker,
            policyMaker,
            rateFeeder,
            issuerMaker,
            issuerChecker,
            attestor,
            pauser,
            relayer,
            payoutClerk,
            governor,
            stranger,
            alice
        ];
        uint64[15] memory roles = [uint64(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 j = 0; j < roles.length; ++j) {
                (bool held, ) = manager.hasRole(roles[j], people[i]);
                if (held != (i == j)) return false;
            }
        }
        return true;
    }

    // --- what the staff does ---

    function proposeMint(uint256 seed) external acts {
        bytes3 currency = _currency(seed);
        uint128 amount = uint128(_amount(seed));
        bytes32 deposit = keccak256(abi.encode("deposit", ++deposits));
        vm.prank(issuerMaker);
        proposals.push(
            issuance.propose(currency, _customer(_mix(seed, 1)), amount, deposit, "request")
        );
        _did("propose a mint");
    }

    function approveMint(uint256 seed) external acts {
        if (proposals.length == 0) return;
        bytes32 proposalId = proposals[seed % proposals.length];
        bytes3 currency = issuance.proposalOf(proposalId).currency;
        if (seed % 3 != 0 && currency != bytes3(0)) _attest(currency, seed);
        vm.prank(issuerChecker);
        (bool success, bytes memory refusal) = address(issuance).call(
            abi.encodeCall(issuance.approve, (proposalId))
        );
        if (!success) return _assertRefusedByRule(bytes4(refusal));
        (uint256 attested, uint40 asOf) = issuance.reservesOf(currency);
        attestedAtMint[currency] = attested;
        bool stale = asOf + issuance.maxAttestationAge() < block.timestamp;
        if (stale || tokens[currency].totalSupply() > attested) ++mintsAboveReserves;
        _did("approve a mint");
    }

    /// @dev Every way in which a sound proposal may be refused; anything else would be a defect.
    function _assertRefusedByRule(bytes4 refusal) private pure {
        assertTrue(
            refusal == IIssuance.ProposalNotOpen.selector ||
                refusal == IIssuance.ProposalLapsed.selector ||
                refusal == IIssuance.DailyMintCapExceeded.selector ||
                refusal == IIssuance.ReservesStale.selector ||
                refusal == IIssuance.ReservesExceeded.selector ||
                refusal == bytes4(keccak256("OperationPaused(uint8)")) ||
                refusal == bytes4(keccak256("AccountIsFrozen(address)")) ||
                refusal == bytes4(keccak256("AccountWasReplaced(address,address)")) ||
                refusal == bytes4(keccak256("LimitExceeded(uint8,uint256,uint256,uint256,uint64)")),
            "a mint was refused for no reason"
        );
    }

    /// @dev Sometimes below the supply: bad news is recorded.
    function _attest(bytes3 currency, uint256 seed) private {
        uint256 supply = tokens[currency].totalSupply();
        uint256 amount = bound(_mix(seed, 3), supply - supply / 20, supply + 1_000_000);
        vm.prank(attestor);
        issuance.attestReserves(currency, amount, uint40(block.timestamp), "document");
        if (amount < supply) _did("attest less than the supply");
    }

    function declineMint(uint256 seed) external acts {
        if (proposals.length == 0) return;
        bytes32 proposalId = proposals[seed % proposals.length];
        if (uint8(issuance.proposalOf(proposalId).state) != 1) return;
        vm.prank(issuerMaker);
        issuance.decline(proposalId, "reason");
        _did("decline a mint");
    }

    function freezeOrUnfreeze(uint256 seed) external acts {
        address account = _customer(seed);
        bool frozen = registry.identityOf(account).status == Status.Frozen;
        vm.prank(freezer);
        if (frozen) registry.unfreeze(account, "reason");
        else registry.freeze(account, "reason");
        _did(frozen ? "unfreeze" : "freeze");
    }

    function recover(uint256 seed) external acts {
        if (accounts.length == ACCOUNTS_MAX) return;
        uint256 index = seed % customers.length;
        address oldAccount = customers[index];
        (address newAccount, uint256 key) = makeAccount(
            string.concat("successor ", vm.toString(accounts.length))
        );
        uint64 deadline = uint64(block.timestamp + 1 days);
        bytes memory acceptance = signDigest(
            key,
            _acceptanceDigest(oldAccount, newAccount, deadline)
        );
        vm.prank(recoveryMaker);
        recovery.propose(oldAccount, newAccount, deadline, acceptance);
        vm.prank(recoveryChecker);
        recovery.execute(oldAccount, newAccount);
        accounts.push(newAccount);
        keys[newAccount] = key;
        customers[index] = newAccount;
        _did("recover");
    }

    function setPrice(uint256 seed) external acts {
        bytes3 currency = _currency(seed);
        (, uint128 anchor) = policy.priceOf(currency);
        vm.prank(rateFeeder);
        policy.setPrice(currency, uint128(bound(_mix(seed, 1), anchor, (anchor * 11) / 10)));
        _did("set a price");
    }

    function passTime(uint256 seed) external acts {
        uint256[4] memory most = [uint256(1 minutes), 5 hours, 1 days, 6 days];
        skip(bound(_mix(seed, 1), 0, most[seed % 4]));
        _did("pass time");
    }

    /// @dev A stranger, or one member of the staff with another's power.
    function usurp(uint256 seed) external acts {
        address target = address(manager);
        bytes memory data;
        uint256 which = seed % 6;
        if (which == 0) data = abi.encodeCall(manager.grantRole, (20, stranger, 0));
        if (which == 1) data = abi.encodeCall(manager.revokeRole, (1, registrar));
        if (which == 2) data = abi.encodeCall(manager.setRoleAdmin, (20, 1));
        if (which == 3) data = abi.encodeCall(manager.setTargetClosed, (address(euro), true));
        if (which == 4) {
            target = address(euro);
            data = abi.encodeCall(euro.move, (alice, bob, 1, MovementKind.Payment, "ref"));
        }
        if (which == 5) {
            target = address(issuance);
            data = abi.encodeCall(issuance.approve, ("proposal"));
        }
        vm.prank(_mix(seed, 1) % 2 == 0 ? stranger : registrar);
        (bool success, bytes memory refusal) = target.call(data);
        if (success) ++powersUsurped;
        bool named =
            bytes4(refusal) == IAccessManaged.AccessManagedUnauthorized.selector ||
                bytes4(refusal) == IAccessManager.AccessManagerUnauthorizedAccount.selector ||
                bytes4(refusal) == ICurrencyToken.NotAMover.selector;
        assertTrue(named, "a usurper was refused for another reason");
        _did("usurp");
    }

    // --- choosing ---

    /// @dev Whether a call ends as foretold; answers true when it succeeded.
    function _ends(
        address target,
        address caller,
        bytes memory data,
        bytes memory refusal
    ) internal returns (bool success) {
        bytes memory result;
        vm.prank(caller);
        (success, result) = target.call(data);
        if (!success) {
            assertEq(result, refusal);
            if (bytes4(result) == ITransferPolicy.LimitExceeded.selector) _did("meet a limit");
        } else assertEq(refusal.length, 0, "something was allowed that was explained as refused");
    }

    function _customer(uint256 seed) internal view returns (address) {
        return customers[_mix(seed, 7) % customers.length];
    }

    function _currency(uint256 seed) internal pure returns (bytes3) {
        return _mix(seed, 8) % 3 == 0 ? JPY : EUR;
    }

    function _amount(uint256 seed) internal pure returns (uint256) {
        return seed % 10 == 0 ? bound(seed, 1, 600_000) : bound(seed, 1, 60_000);
    }

    function _mix(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
