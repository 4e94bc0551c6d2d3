// Totals over time: money against reserves, points that are owed, and where money went.

import { checkButton } from "./check.js";
import { facts, h, minute, moment, money, problem, table } from "./dom.js";
import { bars, lines } from "./plot.js";
import { since, until } from "./question.js";
import { address, asked } from "./session.js";

const BARS_MAX = 12;
const number = (value) => (value === null ? null : Number(value.amount));

/** Each part by itself: what one role may not see does not hide the rest. */
export async function totals(query, signal) {
  const currency = (query.currency || "EUR").toUpperCase();
  const period = { time_from: since(query.time_from), time_to: until(query.time_to) };
  const ask = (path, more = {}) => asked(address(path, more), signal);
  const given = await Promise.allSettled([
    ask("/v1/audit/supply").then(now),
    ask("/v1/audit/supply/series", { currency, ...period }).then(overTime),
    ask("/v1/liabilities").then(points),
    ask("/v1/audit/flows", { by: "country", currency, ...period, limit: 200 }).then((page) =>
      countries(page, currency),
    ),
    ask("/v1/audit/flows", { by: "corridor", ...period, limit: 200 }).then(corridors),
  ]);
  const parts = given.flatMap(({ value, reason }, at) => value ?? [failed(TITLES[at], reason)]);
  return { said: `Totals in ${currency}.`, parts };
}

const TITLES = [
  "Money in circulation and its reserves",
  "In circulation against reserves",
  "Points that are owed",
  "Flows between countries",
  "Transfers abroad",
];

const failed = (title, reason) => h("section", {}, h("h3", {}, title), problem(reason));

const nothing = (title, words) => h("section", {}, h("h3", {}, title), h("p", {}, words));

// --- money ----------------------------------------------------------------------------------------

function now({ items }) {
  const columns = [
    { name: "Currency", cell: (item) => h("strong", {}, item.currency) },
    { name: "In circulation", number: true, cell: (item) => money(item.supply) },
    { name: "Attested reserves", number: true, cell: (item) => money(item.reserves) },
    { name: "As of (UTC)", cell: (item) => item.reserves_as_of && moment(item.reserves_as_of) },
    {
      name: "Covered",
      cell: (item) => (item.covered ? "Yes" : h("strong", { class: "bad" }, "No")),
    },
    { name: "Accounts add up to", number: true, cell: (item) => money(item.accounts_total) },
    { name: "Proof", label: "", wide: true, cell: (item) => checkButton(whole(item)) },
  ];
  return [
    table("Money in circulation and its reserves, now", columns, items),
    h(
      "p",
      { class: "quiet" },
      "The check proves what every account holds, customers' and escrows', that together it is what is in",
      " circulation, and that the attested reserves cover it. That the bank has them, no chain can prove.",
    ),
  ];
}

function whole({ currency, covered, block_number: block }) {
  return {
    title: `All balances in ${currency}, block ${block}`,
    path: `/v1/audit/proofs/totals/${currency}`,
    query: { block, under_reserves: covered },
  };
}

function overTime({ currency, items }) {
  if (items.length === 0) return [];
  const behind = table(
    `In circulation against reserves, in ${currency}`,
    [
      { name: "Time (UTC)", cell: (item) => moment(item.at) },
      { name: "Block", number: true, cell: (item) => item.block_number?.toLocaleString("en") },
      { name: "In circulation", number: true, cell: (item) => money(item.supply) },
      { name: "Reserves", number: true, cell: (item) => money(item.reserves) },
      { name: "Covered", cell: (item) => (item.covered ? "Yes" : "No") },
    ],
    changes(items),
  );
  const series = [
    {
      name: "In circulation",
      points: items.map(({ at, supply }) => ({ at, value: number(supply) })),
    },
    {
      name: "Attested reserves",
      points: items.map((item) => ({ at: item.at, value: number(item.reserves) })),
    },
  ];
  const title = `In circulation against reserves, ${currency}`;
  return [lines({ title, said: covered(items), series, behind })];
}

/** The moments at which something changed, with the first and the last one. */
function changes(items) {
  const same = (one, two) =>
    one.supply.amount === two.supply.amount && one.reserves?.amount === two.reserves?.amount;
  return items.filter(
    (item, at) => at === 0 || at === items.length - 1 || !same(item, items[at - 1]),
  );
}

function covered(items) {
  const last = items.at(-1);
  const short = items.filter((item) => !item.covered).length;
  const reserves = last.reserves
    ? `against reserves of ${money(last.reserves)}`
    : "without attested reserves";
  const always =
    short === 0
      ? "covered at every moment shown"
      : `not covered at ${short} of the ${items.length} moments shown`;
  return `From ${minute(items[0].at)} to ${minute(last.at)} UTC: ${money(last.supply)} in circulation at the end, ${reserves}; ${always}.`;
}

// --- points ---------------------------------------------------------------------------------------

function points({ programmes, agrees, block_number: block }) {
  const title = TITLES[2];
  if (programmes.length === 0) return [nothing(title, "No programme owes any.")];
  const behind = table(
    title,
    [
      { name: "Programme", cell: (item) => `${item.programme} ${item.name}` },
      { name: "Points", number: true, cell: (item) => item.points.toLocaleString("en") },
      { name: "Owed for them", number: true, cell: (item) => money(item.reserve) },
      { name: "Money held", number: true, cell: (item) => money(item.money) },
      { name: "By month of expiry", wide: true, cell: months },
    ],
    programmes,
  );
  const rows = programmes.slice(0, BARS_MAX).map((item) => ({
    name: item.name,
    bars: [item.reserve, item.money].map((value) => ({
      value: number(value),
      label: money(value),
    })),
  }));
  const owed = programmes.reduce((sum, item) => sum + item.points, 0).toLocaleString("en");
  const chain = agrees ? "agrees with" : "DIFFERS from";
  const said = `${owed} points are owed; what the books say ${chain} what the contracts hold at block ${block}.`;
  return [
    bars({ title, said, names: ["Owed for points", "Money held for the programme"], rows, behind }),
  ];
}

function months(item) {
  return facts(
    item.months.map(({ month, points: count, value }) => [
      month,
      `${count.toLocaleString("en")} points, ${money(value)}`,
    ]),
  );
}

// --- flows ----------------------------------------------------------------------------------------

const place = (country) => (country === "??" ? "no customer" : country);
const between = (item) => `${place(item.from_country)} → ${place(item.to_country)}`;

function countries({ items, next_cursor: next }, currency) {
  const title = `${TITLES[3]}, ${currency}`;
  const said = (biggest) => `The most, ${money(biggest.sent)}, went ${between(biggest)}.`;
  return flows(items, next, title, said, ["Sent"], (item) => [item.sent]);
}

function corridors({ items, next_cursor: next }) {
  // Currencies can't be compared by length, so this one is a table alone.
  const title = TITLES[4];
  if (items.length === 0) return [nothing(title, "None in this period.")];
  return [flowTable(title, items, next)];
}

function flows(items, next, title, said, names, values) {
  if (items.length === 0) return [nothing(title, "None in this period.")];
  const sorted = [...items].sort((one, two) => number(two.sent) - number(one.sent));
  const rows = sorted.slice(0, BARS_MAX).map((item) => ({
    name: between(item),
    bars: values(item).map((value) => ({
      value: number(value),
      label: `${money(value)} · ${item.count}`,
    })),
  }));
  const behind = flowTable(title, sorted, next);
  return [bars({ title, said: said(sorted[0]), names, rows, behind })];
}

function flowTable(title, items, next) {
  const columns = [
    { name: "From", cell: (item) => place(item.from_country) },
    { name: "To", cell: (item) => place(item.to_country) },
    { name: "Payments", number: true, cell: (item) => item.count.toLocaleString("en") },
    { name: "Sent", number: true, cell: (item) => money(item.sent) },
    { name: "Received", number: true, cell: (item) => money(item.received) },
  ];
  return table(next ? `${title}; the first ${items.length}` : title, columns, items);
}
