// A verifier's report as people read it.

import { facts, grouped, h, moment, short, table, words } from "./dom.js";

/** The decimal form of minor units, by the currency's number of digits (ISO 4217). */
export function decimal(minor, currency) {
  const digits = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions().maximumFractionDigits;
  if (digits === 0) return minor;
  const whole = minor.padStart(digits + 1, "0");
  return `${whole.slice(0, -digits)}.${whole.slice(-digits)}`;
}

const amount = (minor, currency) => `${grouped(decimal(minor, currency))} ${currency}`;
const sentence = (said) => `${said[0].toUpperCase()}${said.slice(1)}.`;

/** What a bundle claims, in a few words; nothing of it is believed yet. */
export function ofClaim(claim) {
  const { kind, currency } = claim;
  if (kind === "statement" && Array.isArray(claim.lines)) {
    return `A statement in ${currency} of ${claim.lines.length} lines`;
  }
  if (kind === "total" && Array.isArray(claim.accounts)) {
    return `All ${claim.accounts.length} balances in ${currency}`;
  }
  if (kind === "balance") return `A balance in ${currency}`;
  if (kind === "event") return "An event";
  return null;
}

const MEANING = {
  VALID: "Proven, as far as it is said below.",
  INVALID: "This file contradicts itself, its form, or what is trusted. Do not rely on it.",
  UNPROVEN: "Nothing contradicts, but something that the claim needs is missing.",
};

export function verdict(report, trust) {
  const good = report.verdict === "VALID";
  const whose = trust.own
    ? "Measured by your own trust file."
    : "Measured by this bank's own word for its chain: compare its trust file with another member of the chain.";
  return [
    h("p", { class: `verdict ${good ? "good" : "bad"}` }, report.verdict),
    h("p", {}, good ? MEANING.VALID : `${report.detail} (${report.code})`),
    h("p", { class: "quiet" }, good ? whose : MEANING[report.verdict]),
  ];
}

/** What was proven and what was not, and the facts themselves. */
export function ofReport(report) {
  if (report.verdict !== "VALID") return [];
  return [
    h("h3", {}, "Proven"),
    h(
      "ul",
      { class: "proven" },
      report.proven.map((each) => h("li", {}, sentence(each))),
    ),
    h("h3", {}, "Not proven"),
    h(
      "ul",
      {},
      report.not_proven.map((each) => h("li", {}, sentence(each))),
    ),
    h("h3", {}, "What the file says"),
    ...said(report.facts),
  ];
}

function said(found) {
  const currency = found.currency;
  if (found.lines) return statement(found);
  if (found.supply !== undefined) {
    return [facts(book(found))];
  }
  if (found.balance !== undefined) {
    return [
      facts([
        ["Account", h("code", {}, found.account)],
        ["Balance", amount(found.balance, currency)],
        ["Lines in its history", found.entries],
        ["Head of its history", h("code", {}, found.head)],
        ...when(found),
      ]),
    ];
  }
  return found.topics ? event(found) : [facts(Object.entries(found).map(plain))];
}

function book({ currency, reserves, escrows, ...found }) {
  const pairs = [
    ["Customers hold", amount(found.customers, currency)],
    ...Object.entries(escrows).map(([name, held]) => [
      `In escrow of ${name}`,
      amount(held, currency),
    ]),
    ["Escrows hold together", amount(found.escrowed, currency)],
    ["Supply", amount(found.supply, currency)],
  ];
  if (reserves) {
    pairs.push(
      ["Attested reserves", amount(reserves.amount, currency)],
      ["Attested as of (UTC)", moment(reserves.as_of)],
    );
  }
  return [...pairs, ["Accounts", found.accounts], ...when(found)];
}

/** Of a claim that this page has no form for yet. */
const plain = ([name, value]) => [
  words(name),
  typeof value === "string" ? value : JSON.stringify(value),
];

const when = (found) => [
  ["Block", found.block],
  ["Its time (UTC)", moment(found.time)],
  ["Its hash", h("code", {}, found.block_hash)],
];

function event(found) {
  const moved = found.movement;
  const pairs = [
    ["Contract", `${found.contract}`],
    ["At", h("code", {}, found.address)],
  ];
  if (moved) {
    pairs.push(
      ["Movement", words(moved.kind)],
      ["From", h("code", {}, moved.from)],
      ["To", h("code", {}, moved.to)],
      ["Amount", amount(moved.amount, found.contract)],
      ["Reference", h("code", {}, moved.reference)],
    );
  }
  pairs.push(
    ["Transaction", h("code", {}, found.transaction_hash)],
    ["Sent by", h("code", {}, found.sender)],
    ["Topics", found.topics.map((topic) => h("code", {}, topic, " "))],
    ["Data", h("code", {}, found.data)],
    ...when(found),
  );
  return [facts(pairs)];
}

function statement(found) {
  const { currency, lines } = found;
  const side = (at) => (at === found.account ? "this account" : short(at));
  const columns = [
    { name: "Line", cell: (line) => line.entry },
    { name: "Kind", cell: (line) => words(line.kind) },
    { name: "From", cell: (line) => side(line.from) },
    { name: "To", cell: (line) => side(line.to) },
    { name: "Amount", number: true, cell: (line) => grouped(decimal(line.amount, currency)) },
    { name: "Balance", number: true, cell: (line) => grouped(decimal(line.balance, currency)) },
  ];
  if (lines.some((line) => line.time !== undefined)) {
    columns.splice(1, 0, { name: "Time (UTC)", cell: (line) => moment(line.time) });
  }
  const opening = found.opening?.balance ?? "0";
  return [
    facts([
      ["Account", h("code", {}, found.account)],
      ["Opening balance", amount(opening, currency)],
      ["Closing balance", amount(found.closing.balance, currency)],
      ["Closed at the end of block", found.closing.block],
      ["Its time (UTC)", moment(found.closing.time)],
    ]),
    table(`Proven lines, in ${currency}`, columns, lines),
  ];
}
