// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICurrencyToken} from "./ICurrencyToken.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {IIssuance} from "./IIssuance.sol";
import {RollingDay} from "./RollingDay.sol";

/// @title MintCeilings
/// @notice What bounds a mint, whoever asks for it: caps and attested reserves.
abstract contract MintCeilings is PolicyBound, IIssuance {
    uint40 private constant MAX_AGE_LIMIT = 31 days;
    uint256 private constant MAX_CAP = type(uint64).max;

    struct Attestation {
        uint128 amount;
        uint40 asOf;
    }

    struct Caps {
        uint128 perMint;
        uint128 perDay;
    }

    uint40 private _maxAttestationAge = 1 days;
    mapping(bytes3 currency => Attestation) private _attestations;
    mapping(bytes3 currency => Caps) private _caps;
    mapping(bytes3 currency => RollingDay) private _minted;

    /// @inheritdoc IIssuance
    function attestReserves(
        bytes3 currency,
        uint256 amount,
        uint40 asOf,
        bytes32 document
    ) external restricted {
        _tokenOf(currency);
        uint40 lastAsOf = _attestations[currency].asOf;
        if (asOf > block.timestamp || asOf < lastAsOf || amount > type(uint128).max) {
            revert AttestationInvalid(currency, amount, asOf, lastAsOf);
        }
        _attestations[currency] = Attestation(uint128(amount), asOf);
        emit ReservesAttested(currency, amount, asOf, document, msg.sender);
    }

    /// @inheritdoc IIssuance
    function setCaps(bytes3 currency, uint128 perMint, uint128 perDay) external restricted {
        _tokenOf(currency);
        if (perDay > MAX_CAP) revert CapNotCountable(perDay, MAX_CAP);
        _caps[currency] = Caps(perMint, perDay);
        emit CapsSet(currency, perMint, perDay);
    }

    /// @inheritdoc IIssuance
    function setMaxAttestationAge(uint40 maxAge) external restricted {
        if (maxAge == 0 || maxAge > MAX_AGE_LIMIT) revert InvalidMaxAttestationAge(maxAge);
        _maxAttestationAge = maxAge;
        emit MaxAttestationAgeSet(maxAge);
    }

    /// @inheritdoc IIssuance
    function reservesOf(bytes3 currency) external view returns (uint256 amount, uint40 asOf) {
        Attestation memory attestation = _attestations[currency];
        return (attestation.amount, attestation.asOf);
    }

    /// @inheritdoc IIssuance
    function capsOf(
        bytes3 currency
    ) external view returns (uint128 perMint, uint128 perDay, uint256 mintedToday) {
        Caps memory caps = _caps[currency];
        return (caps.perMint, caps.perDay, _minted[currency].sum(block.timestamp));
    }

    /// @inheritdoc IIssuance
    function maxAttestationAge() external view returns (uint40) {
        return _maxAttestationAge;
    }

    /// @dev Refuses a mint above a ceiling, and counts it against the day otherwise.
    function _useCeilings(bytes3 currency, ICurrencyToken token, uint256 asked) internal {
        Caps memory caps = _caps[currency];
        if (asked > caps.perMint) revert MintCapExceeded(currency, caps.perMint, asked);

        RollingDay storage minted = _minted[currency];
        uint256 used = minted.sum(block.timestamp);
        if (used + asked > caps.perDay) {
            uint64 freesAt = minted.freesAt(block.timestamp, asked, caps.perDay);
            revert DailyMintCapExceeded(currency, caps.perDay, used, asked, freesAt);
        }
        _requireReserves(currency, token.totalSupply(), asked);
        minted.add(block.timestamp, asked);
    }

    function _tokenOf(bytes3 currency) internal view returns (ICurrencyToken) {
        return ICurrencyToken(policy().tokenOf(currency));
    }

    function _requireReserves(bytes3 currency, uint256 supply, uint256 asked) private view {
        Attestation memory attestation = _attestations[currency];
        uint40 oldestAllowed = uint40(block.timestamp) - _maxAttestationAge;
        if (attestation.asOf < oldestAllowed)
            revert ReservesStale(currency, attestation.asOf, oldestAllowed);
        if (supply + asked > attestation.amount) {
            revert ReservesExceeded(currency, attestation.amount, supply, asked);
        }
    }
}
