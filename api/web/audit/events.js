// Search: every event of every contract, in any combination of filters.

import { checkButton } from "./check.js";
import { facts, h, moment, money, short, table, words } from "./dom.js";
import { link, pages, since, until } from "./question.js";
import { address, asked, contractName } from "./session.js";

const PAGE = 25;

/** The events that a question asks for, with what they add up to. */
export async function events(query, signal) {
  const { time_from, time_to, cursor, ...rest } = query;
  const currency = query.currency?.toUpperCase();
  const filters = { ...rest, currency, time_from: since(time_from), time_to: until(time_to) };
  const paged = { newest: "true", ...filters, limit: PAGE, cursor };
  const [page, totals] = await Promise.all([
    asked(address("/v1/audit/events", paged), signal),
    cursor ? null : totalled(filters, signal),
  ]);
  const { items, next_cursor: next } = page;
  const said = heard(items.length, next, totals);
  const parts = [h("p", { class: "count" }, said)];
  if (totals) parts.push(...sums(totals, filters));
  if (items.length > 0) {
    parts.push(table("Events", COLUMNS, items));
    parts.push(...[pages("events", query, next, "events"), exports(filters)].filter(Boolean));
  } else if (next) {
    parts.push(
      h("p", {}, "This part of the chain has none; there is more to look through."),
      pages("events", query, next, "events"),
    );
  }
  return { said, parts };
}

function heard(count, next, totals) {
  if (count === 0 && !next) return "No event matches. Fewer filters find more.";
  const block = totals ? ` The books are complete up to block ${totals.block_number}.` : "";
  return `${count} ${count === 1 ? "event" : "events"}${next ? " on this page, and more follow" : ""}.${block}`;
}

async function totalled(filters, signal) {
  const { newest: _order, ...asking } = filters;
  return asked(address("/v1/audit/events/totals", asking), signal);
}

/** What moved in all that matches, a line for each currency. */
function sums(totals, filters) {
  if (totals.items.length === 0) return [];
  const seen = filters.account || filters.customer;
  const [into, out] = seen ? ["In", "Out"] : ["Issued", "Redeemed"];
  const columns = [
    { name: "Currency", cell: (item) => item.currency ?? "no money" },
    { name: "Movements", number: true, cell: (item) => item.count.toLocaleString("en") },
    { name: into, number: true, cell: (item) => money(item.came_in) },
    { name: out, number: true, cell: (item) => money(item.went_out) },
  ];
  if (!filters.account) {
    const between = filters.customer ? "Between its own accounts" : "Between accounts";
    columns.push({ name: between, number: true, cell: (item) => money(item.between) });
  }
  const all = totals.complete ? "" : ", so far; narrow the question for the rest";
  const name = totals.of === "movements" ? "movements of money" : `events "${words(totals.of)}"`;
  return [table(`Totals of the ${name} that match${all}`, columns, totals.items)];
}

const COLUMNS = [
  { name: "Time (UTC)", cell: (event) => moment(event.block_time) },
  { name: "Block", number: true, cell: (event) => event.block_number.toLocaleString("en") },
  {
    name: "What",
    cell: (event) => [
      h("strong", {}, words(event.kind)),
      h("span", { class: "under" }, named(event)),
    ],
  },
  { name: "Account", cell: (event) => side(event.account) },
  { name: "Counterparty", cell: (event) => side(event.counterparty) },
  { name: "Amount", number: true, cell: (event) => money(event.money) },
  { name: "More", label: "", wide: true, cell: more },
];

const named = (event) => `${contractName(event.contract) ?? "Contract"} · ${event.name}`;

function side(account) {
  if (!account) return "–";
  const name = contractName(account);
  return h("a", { href: link("events", { account }), title: account }, name ?? short(account));
}

function more(event) {
  return [
    h("div", { class: "buttons" }, checkButton(proof(event)), history(event)),
    h("details", {}, h("summary", {}, "All of it"), detail(event)),
  ];
}

/** How to prove an event. */
export function proof({ transaction_hash, log_index, name, block_number }) {
  return {
    title: `${name}, block ${block_number}, log ${log_index}`,
    path: "/v1/audit/proofs/events",
    query: { transaction_hash, log_index },
  };
}

function history(event) {
  const of = event.order_id ?? event.transaction_hash;
  return h("a", { href: link("timeline", { of }) }, "Timeline");
}

function detail(event) {
  const argument = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  return facts([
    ["Transaction", h("code", {}, event.transaction_hash)],
    ["Position", `transaction ${event.transaction_index}, log ${event.log_index} of the block`],
    ["Order", event.order_id && h("code", {}, event.order_id)],
    ["Reference", event.reference && h("code", {}, event.reference)],
    ...Object.entries(event.arguments).map(([name, value]) => [
      h("code", {}, name),
      h("code", {}, argument(value)),
    ]),
  ]);
}

function exports(filters) {
  const { newest: _order, ...asking } = filters;
  return h(
    "p",
    { class: "quiet" },
    "As a file: ",
    h("code", {}, `GET ${address("/v1/audit/events/export", { ...asking, format: "csv" })}`),
    " (or jsonl, parquet).",
  );
}
