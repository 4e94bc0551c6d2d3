"""Refusals of settings and of callers without the role, and failures inside libraries."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    OURS,
    Rule,
    address,
    code,
    large,
    limit_money,
    number,
    one_of,
    rule,
    word,
)
from wallet_chain.ledger.units import LimitRule, Switch

SETTINGS: dict[str, Rule] = {
    "UnknownToken": rule(
        errors.ConfigurationRefused,
        "{token} is not the token of a currency of this policy. " + OURS,
        token=address("token"),
    ),
    "CurrencyAlreadyAdded": rule(
        errors.ConfigurationRefused,
        "The policy has {currency} already.",
        currency=code("currency"),
    ),
    "TooManyCurrencies": rule(
        errors.ConfigurationRefused,
        "The policy holds at most {count_max} currencies.",
        count_max=number("countMax"),
    ),
    "PriceOutOfBand": rule(
        errors.ConfigurationRefused,
        "The price {price} of {currency} is outside {price_min} to {price_max}; move the anchor"
        " first, with the POLICY role.",
        currency=code("currency"),
        price=large("price"),
        price_min=large("priceMin"),
        price_max=large("priceMax"),
    ),
    "LimitNotCountable": rule(
        errors.ConfigurationRefused,
        "The limit of {limit} ({rule}) is larger than can be counted; the most is {limit_max}.",
        rule=one_of(LimitRule, "rule"),
        limit=limit_money("limit"),
        limit_max=limit_money("limitMax"),
    ),
    "AlreadyPaused": rule(
        errors.ConfigurationRefused, "{switch} is paused already.", switch=one_of(Switch, "what")
    ),
    "NotPaused": rule(
        errors.ConfigurationRefused, "{switch} is not paused.", switch=one_of(Switch, "what")
    ),
    "InvalidPolicy": rule(
        errors.ConfigurationRefused,
        "{policy} holds no contract, so it can't be the policy.",
        policy=address("policy"),
    ),
}

PERMISSIONS: dict[str, Rule] = {
    "AccessManagedUnauthorized": rule(
        errors.PermissionRefused,
        "The key {caller} does not hold the role for this call; an administrator must grant it.",
        caller=address("caller"),
    ),
    "AccessManagedRequiredDelay": rule(
        errors.PermissionRefused,
        "{caller} may make this call only {delay_seconds} seconds after scheduling it.",
        caller=address("caller"),
        delay_seconds=number("delay"),
    ),
    "AccessManagedInvalidAuthority": rule(
        errors.ConfigurationRefused,
        "{authority} holds no contract, so it can't be the authority.",
        authority=address("authority"),
    ),
    "AccessManagerUnauthorizedAccount": rule(
        errors.PermissionRefused,
        "The key {caller} does not hold role {role}, which this call needs.",
        caller=address("msgsender"),
        role=large("roleId"),
    ),
    "AccessManagerUnauthorizedCall": rule(
        errors.PermissionRefused,
        "The key {caller} may not make this call to {target}; an administrator must grant the role.",
        caller=address("caller"),
        target=address("target"),
        selector=word("selector"),
    ),
    "AccessManagerUnauthorizedConsume": rule(
        errors.PermissionRefused,
        "{target} does not follow this AccessManager. " + OURS,
        target=address("target"),
    ),
    "AccessManagerUnauthorizedCancel": rule(
        errors.PermissionRefused,
        "The key {caller} may not cancel what {scheduled_by} has scheduled.",
        caller=address("msgsender"),
        scheduled_by=address("caller"),
        target=address("target"),
        selector=word("selector"),
    ),
    "AccessManagerAlreadyScheduled": rule(
        errors.ConfigurationRefused,
        "The call {scheduled_id} is scheduled already.",
        scheduled_id=word("operationId"),
    ),
    "AccessManagerNotScheduled": rule(
        errors.ConfigurationRefused,
        "The call {scheduled_id} was not scheduled; schedule it first.",
        scheduled_id=word("operationId"),
    ),
    "AccessManagerNotReady": rule(
        errors.ConfigurationRefused,
        "The delay of the scheduled call {scheduled_id} has not passed yet; try again later.",
        scheduled_id=word("operationId"),
    ),
    "AccessManagerExpired": rule(
        errors.ConfigurationRefused,
        "The scheduled call {scheduled_id} has lapsed; schedule it again.",
        scheduled_id=word("operationId"),
    ),
    "AccessManagerLockedRole": rule(
        errors.ConfigurationRefused, "Role {role} can't be changed.", role=large("roleId")
    ),
    "AccessManagerLockedFunction": rule(
        errors.ConfigurationRefused,
        "The function {selector} can't be given to another role.",
        selector=word("selector"),
    ),
    "AccessManagerBadConfirmation": rule(
        errors.ConfigurationRefused, "Giving up a role must be confirmed with one's own account."
    ),
    "AccessManagerInvalidInitialAdmin": rule(
        errors.ConfigurationRefused,
        "{account} can't be the first administrator.",
        account=address("initialAdmin"),
    ),
}

ANCHORS: dict[str, Rule] = {
    "DayAnchored": rule(
        errors.ConfigurationRefused,
        "The log was anchored on day {day} already; the next anchor is for tomorrow.",
        day=number("day"),
    ),
    "LogShrank": rule(
        errors.LogBroken,
        "A log of {size} entries can't follow one of {last_size}; run `wallet-chain verify`.",
        size=large("size"),
        last_size=large("lastSize"),
    ),
    "LogForked": rule(
        errors.LogBroken,
        "A log of {size} entries was anchored with another root; run `wallet-chain verify`.",
        size=large("size"),
    ),
}

LIBRARIES: dict[str, Rule] = {
    "AddressEmptyCode": rule(
        errors.ChainRefused, "{target} holds no contract. " + OURS, target=address("target")
    ),
    "FailedCall": rule(errors.ChainRefused, "An inner call failed without a reason. " + OURS),
    "InsufficientBalance": rule(
        errors.ChainRefused,
        "The sending account holds {have} wei and {need} is needed; fund it.",
        have=large("balance"),
        need=large("needed"),
    ),
    "StringTooLong": rule(errors.ChainRefused, "A name of the contract is too long. " + OURS),
    "InvalidShortString": rule(errors.ChainRefused, "A name of the contract is broken. " + OURS),
    "SafeCastOverflowedUintDowncast": rule(
        errors.AmountTooLarge,
        "The number {value} is larger than the contract can hold ({bits} bits).",
        value=large("value"),
        bits=number("bits"),
    ),
}
