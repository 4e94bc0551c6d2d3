// Checks bundles in Node and in browsers, written after docs/bundles.md and sharing nothing with the
// verifier in Python: `verify(bytes, readTrust(json))` answers with a report.

import { Evidence, keccak, requireFinal } from "./chain.mjs";
import {
  exactly,
  Finding,
  hex,
  hexed,
  invalid,
  join,
  list,
  number,
  parse,
  require,
  text,
  toNumber,
  word,
} from "./forms.mjs";

export { Finding } from "./forms.mjs";
export { readTrust } from "./trust.mjs";

const KINDS = (
  "none mint redemption payment refund direct court_order recovery escrow_in escrow_out " +
  "exchange_in exchange_out escrow_return"
).split(" ");
const [ACCOUNTS, SUPPLY] = [2n, 3n]; // of a token
const ATTESTED = 5n; // of Issuance
const HEAD = 19;
const STATE = "balance entries head";
const ascii = (words) => new TextEncoder().encode(words);
const TRANSFER = hex(keccak(ascii("Transfer(address,address,uint256)")));
const ENTRY = hex(keccak(ascii("EntryRecorded(bytes32,uint8,uint64,uint64)")));
const NEVER_PROVEN = [
  "that the contracts' code does what it should: it is trusted by its hash",
  "that those who seal blocks do not collude beyond what the finality rule bears",
  "anything that is not written on the chain: who is behind an account, and the bank's reserves",
];

/** The verdict on the bundle in these bytes (a Uint8Array); `tell` is called with each step passed. */
export function verify(bytes, trust, tell = () => {}) {
  try {
    return verified(bytes, trust, tell);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return { verdict: error.verdict, code: error.code, detail: error.message, facts: {} };
  }
}

function verified(bytes, trust, tell) {
  const bundle = exactly(parse(bytes), "bundle", "format chain_id genesis_hash claim blocks");
  require(bundle.format ===
    "wallet-chain-bundle/1", "unknown_format", "The format is not understood.");
  tell("form");
  const here = number(bundle.chain_id, "chain_id") === trust.chainId;
  require(here &&
    hex(hexed(bundle.genesis_hash, "genesis_hash", 32)) ===
      trust.genesis, "other_chain", "The bundle is about another chain than the trust file.");
  tell("chain");
  const evidence = new Evidence(bundle.blocks, trust);
  const finality = requireFinal(evidence.headers, trust);
  tell("finality");
  const check =
    Object.hasOwn(CHECKS, String(bundle.claim?.kind)) && typeof bundle.claim.kind === "string";
  require(check, "wrong_form", "The claim is of no known kind.");
  const [facts, proven, open] = CHECKS[bundle.claim.kind](bundle.claim, evidence, trust);
  tell("claim");
  evidence.finish();
  tell("evidence");
  const notProven = [...open, ...NEVER_PROVEN];
  return {
    verdict: "VALID",
    code: "valid",
    detail: "",
    facts,
    proven,
    not_proven: notProven,
    finality,
  };
}

// --- claims ---------------------------------------------------------------------------------------

function event(claim, evidence, trust) {
  const fields = exactly(claim, "claim", "kind block transaction log address topics data");
  const [block, index, at] = ["block", "transaction", "log"].map((name) =>
    number(fields[name], name),
  );
  const transaction = evidence.transaction(block, index);
  const logs = evidence.logs(block, index);
  require(at < logs.length, "no_such_place", `The transaction has no log ${at}.`);
  const log = logs[Number(at)];
  const topics = list(fields.topics, "topics").map((topic) => hex(hexed(topic, "topic", 32)));
  const said = [
    hex(hexed(fields.address, "address", 20)),
    topics.join(),
    hex(hexed(fields.data, "data")),
  ];
  require([log.address, log.topics.join(), hex(log.data)].every(
    (part, at) => part === said[at],
  ), "event_differs", "The receipt tells of another event at that place.");
  const contract =
    trust.contracts.get(log.address) ??
    invalid("unknown_contract", "A contract that is not trusted emitted the event.");
  evidence.requireCode(block, contract);
  const facts = {
    contract: contract.name,
    address: log.address,
    topics: log.topics,
    data: hex(log.data),
    ...when(evidence, block),
    transaction_hash: transaction.hash,
    sender: transaction.sender,
    to: transaction.to,
  };
  if (contract.isCurrency && log.topics[0] === TRANSFER) {
    [facts.movement] = movementAt(logs, Number(at), contract);
  }
  const proven = [
    `${contract.name} emitted this event in block ${block}, in a transaction that succeeded`,
    "who sent the transaction, and what it calls, by its signature",
  ];
  return [facts, proven, ["that no other event speaks of the same matter"]];
}

function balance(claim, evidence, trust) {
  const fields = exactly(claim, "claim", `kind currency account block ${STATE}`);
  const [token, account] = whose(fields, trust);
  const block = requireState(fields, "claim", evidence, token, account);
  const facts = {
    currency: token.name,
    account: hex(account),
    ...fields,
    ...when(evidence, block),
  };
  delete facts.kind;
  const proven = [
    `what the account held at the end of block ${block}, and the head of its history`,
  ];
  return [facts, proven, ["how the account came by it"]];
}

function statement(claim, evidence, trust) {
  const fields = exactly(claim, "claim", "kind evidence currency account closing lines", "opening");
  const byReceipts = fields.evidence === "receipts";
  require(byReceipts ||
    fields.evidence === "heads", "wrong_form", "A statement's evidence is receipts or heads.");
  const [token, account] = whose(fields, trust);
  let first = -1n;
  let state = { balance: 0n, entries: 0n, head: hex(new Uint8Array(HEAD)) };
  if (fields.opening !== undefined) {
    const opening = exactly(fields.opening, "opening", `block ${STATE}`);
    state = stateOf(opening, "opening");
    first = requireState(opening, "opening", evidence, token, account);
  }
  const closing = exactly(fields.closing, "closing", `block ${STATE}`);
  const last = number(closing.block, "closing.block");
  require(first <= last, "not_in_order", "The statement closes before it opens.");
  let place = [first + 1n, 0n, 0n];
  const lines = [];
  for (const each of list(fields.lines, "lines")) {
    const [movement, next, entries] = line(each, evidence, token, byReceipts, place, last);
    place = next;
    state = after(state, movement, account, entries);
    lines.push({ ...movement, balance: String(state.balance), entry: String(state.entries) });
  }
  require(equal(
    state,
    stateOf(closing, "closing"),
  ), "history_differs", "The lines do not lead to the closing state: one is wrong.");
  requireState(closing, "closing", evidence, token, account);
  const facts = { currency: token.name, account: hex(account), lines };
  facts.closing = { ...closing, ...when(evidence, last) };
  if (first >= 0n) facts.opening = { ...fields.opening, ...when(evidence, first) };
  const since = first >= 0n ? `after block ${first}` : "since the account's first entry";
  const proven = [
    `every movement of the account ${since} up to block ${last}, in order, and no other`,
  ];
  if (byReceipts)
    return [facts, [...proven, "each line happened, in its block and at its time"], []];
  return [
    facts,
    proven,
    [
      "in which block and when each movement happened",
      "that whoever made the movements has not prepared two histories with one head",
    ],
  ];
}

function line(each, evidence, token, byReceipts, before, last) {
  const fields = exactly(
    each,
    "line",
    `${byReceipts ? "block transaction log " : ""}kind from to amount reference`,
  );
  const { kind, from, to, amount, reference } = fields;
  const said = { kind, from, to, amount, reference };
  require(KINDS.includes(kind), "wrong_form", "A line is of no known kind.");
  number(amount, "amount");
  hexed(from, "from", 20);
  hexed(to, "to", 20);
  hexed(reference, "reference", 32);
  if (!byReceipts) return [said, before, {}];
  const [block, index, at] = ["block", "transaction", "log"].map((name) =>
    number(fields[name], name),
  );
  const place = [block, index, at + 1n];
  require(ascends(before, place) &&
    block <= last, "not_in_order", "The lines do not ascend within the period.");
  const [found, entries] = movementAt(evidence.logs(block, index), at, token);
  require(Object.keys(said).every(
    (name) => said[name] === found[name],
  ), "line_differs", `Block ${block}: the receipt tells of another movement.`);
  return [
    { ...said, block: String(block), time: String(evidence.header(block).time) },
    place,
    entries,
  ];
}

function ascends(before, place) {
  const at = [0, 1, 2].find((each) => before[each] !== place[each]);
  return at !== undefined && before[at] < place[at];
}

/** The account's state after a movement, as the token computes it. */
function after(state, movement, account, recorded) {
  const sides = ["from", "to"].filter((side) => movement[side] === hex(account));
  require(sides.length > 0, "not_the_account", "A line does not concern the account.");
  const amount = BigInt(movement.amount);
  return sides.reduce((held, side) => {
    const left = held.balance + (side === "to" ? amount : -amount);
    require(left >= 0n &&
      left < 2n ** 64n &&
      amount > 0n &&
      amount < 2n ** 64n, "history_differs", "A line leaves an impossible balance.");
    const entries = held.entries + 1n;
    require((recorded[side] ?? entries) ===
      entries, "history_differs", "A line is missing or in the wrong place.");
    const words = join(
      hexed(held.head.padEnd(66, "0"), "head", 32),
      word(entries),
      word(KINDS.indexOf(movement.kind)),
      word(BigInt(movement.from)),
      word(BigInt(movement.to)),
      word(amount),
      hexed(movement.reference, "reference", 32),
    );
    return { balance: left, entries, head: hex(keccak(words).subarray(0, HEAD)) };
  }, state);
}

/** The movement that starts at a log, and its number in both histories. */
function movementAt(logs, at, token) {
  const pair = at < logs.length ? logs.slice(Number(at), Number(at) + 2) : [];
  require(pair.length === 2 &&
    pair.every(
      (log) => log.address === hex(token.address),
    ), "no_movement", `Log ${at} is no movement of ${token.name}.`);
  const [moved, entered] = pair;
  require(moved.topics.length === 3 &&
    moved.topics[0] === TRANSFER &&
    moved.data.length === 32 &&
    entered.topics.length === 2 &&
    entered.topics[0] === ENTRY &&
    entered.data.length === 96, "no_movement", `Log ${at} is no movement.`);
  const [kind, from, to] = [0, 32, 64].map((start) =>
    toNumber(entered.data.subarray(start, start + 32)),
  );
  require(kind < KINDS.length, "no_movement", "A movement is of no known kind.");
  return [
    {
      kind: KINDS[Number(kind)],
      from: `0x${moved.topics[1].slice(26)}`,
      to: `0x${moved.topics[2].slice(26)}`,
      amount: String(toNumber(moved.data)),
      reference: entered.topics[1],
    },
    { from, to },
  ];
}

/** All accounts; a contract that the trust file names holds its money in escrow. */
function total(claim, evidence, trust) {
  const fields = exactly(claim, "claim", "kind currency block supply accounts", "reserves");
  const token = trust.currency(text(fields.currency, "currency"));
  const [block, supply] = [number(fields.block, "block"), number(fields.supply, "supply")];
  require(evidence.slot(block, token, word(SUPPLY)) ===
    supply, "state_differs", "The contract has another supply.");
  let [customers, escrowed, last] = [0n, 0n, ""];
  const escrows = {};
  for (const each of list(fields.accounts, "accounts")) {
    const said = exactly(each, "account", `account ${STATE}`);
    const account = hexed(said.account, "account", 20);
    const state = stateOf(said, "account");
    require(said.account > last, "not_in_order", "The accounts do not ascend.");
    require(equal(
      stored(evidence, block, token, account),
      state,
    ), "state_differs", `${said.account} holds something else.`);
    last = said.account;
    const contract = trust.contracts.get(said.account);
    if (contract === undefined) customers += state.balance;
    else {
      evidence.requireCode(block, contract);
      escrows[contract.name] = String(state.balance);
      escrowed += state.balance;
    }
  }
  const sum = customers + escrowed;
  require(sum === supply, "total_differs", `The accounts hold ${sum} of ${supply}.`);
  const facts = {
    currency: token.name,
    supply: String(supply),
    accounts: String(fields.accounts.length),
    customers: String(customers),
    escrowed: String(escrowed),
    escrows,
    ...when(evidence, block),
  };
  const proven = [
    `what every account held at the end of block ${block}: customers hold ${customers}, ` +
      `escrows hold ${escrowed}, together the supply of ${supply}`,
  ];
  const open = ["to whom the contracts owe what they hold in escrow"];
  if (fields.reserves === undefined)
    return [facts, proven, [...open, "that the bank's reserves cover the supply"]];
  const [amount, asOf] = reserves(fields.reserves, evidence, trust, block, token);
  require(supply <= amount, "reserves_short", `Reserves of ${amount} were attested for ${supply}.`);
  facts.reserves = {
    amount: String(amount),
    as_of: String(asOf),
    age_seconds: String(evidence.header(block).time - asOf),
  };
  proven.push(`reserves of ${amount}, attested on chain as of ${asOf}, cover the supply`);
  return [facts, proven, [...open, "that the bank has the reserves that were attested"]];
}

/** The amount that was attested last for a currency, and its date. */
function reserves(said, evidence, trust, block, token) {
  const fields = exactly(said, "reserves", "amount as_of");
  const [amount, asOf] = ["amount", "as_of"].map((name) =>
    number(fields[name], `reserves.${name}`),
  );
  const key = new Uint8Array(32);
  key.set(ascii(token.name));
  const place = keccak(join(key, word(ATTESTED)));
  const held = word(evidence.slot(block, trust.named("Issuance"), place));
  const right = toNumber(held.subarray(16)) === amount && toNumber(held.subarray(0, 16)) === asOf;
  require(right, "state_differs", "Other reserves were attested.");
  return [amount, asOf];
}

const CHECKS = { event, balance, statement, total };

// --- words ----------------------------------------------------------------------------------------

function whose(fields, trust) {
  const token = trust.currency(text(fields.currency, "currency"));
  return [token, hexed(fields.account, "account", 20)];
}

function stateOf(fields, where) {
  const [held, entries] = ["balance", "entries"].map((name) =>
    number(fields[name], `${where}.${name}`),
  );
  return { balance: held, entries, head: hex(hexed(fields.head, `${where}.head`, HEAD)) };
}

const equal = (one, two) => STATE.split(" ").every((name) => one[name] === two[name]);

/** The contract has at the block what the claim says; answers with the block. */
function requireState(fields, where, evidence, token, account) {
  const block = number(fields.block, `${where}.block`);
  const said = stateOf(fields, where);
  require(equal(
    stored(evidence, block, token, account),
    said,
  ), "state_differs", `The contract has another state at block ${block}.`);
  return block;
}

function stored(evidence, block, token, account) {
  const place = keccak(join(new Uint8Array(12), account, word(ACCOUNTS)));
  const held = word(evidence.slot(block, token, place));
  return {
    balance: toNumber(held.subarray(24)),
    entries: toNumber(held.subarray(HEAD, 24)),
    head: hex(held.subarray(0, HEAD)),
  };
}

function when(evidence, block) {
  const header = evidence.header(block);
  return { block: String(block), block_hash: hex(header.hash), time: String(header.time) };
}
