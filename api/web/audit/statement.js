// A statement: every line of an account in a period, with the balances around it, and its proof.

import { checkButton } from "./check.js";
import { facts, grouped, h, moment, money, short, table, words } from "./dom.js";
import { link, pages, since, until } from "./question.js";
import { address, asked, contractName } from "./session.js";

const PAGE = 50;

/** A page of a statement. */
export async function statement(query, signal) {
  const { account, currency, cursor } = query;
  const period = {
    currency: (currency ?? "").toUpperCase(),
    time_from: since(query.time_from),
    time_to: until(query.time_to),
  };
  const path = `/v1/audit/statements/${encodeURIComponent(account ?? "")}`;
  const found = await asked(address(path, { ...period, limit: PAGE, cursor }), signal);
  const { lines, opening, closing, block_number: block } = found;
  const subject = {
    title: `Statement of ${short(account).textContent} in ${period.currency}`,
    path: `/v1/audit/proofs/statements/${account}`,
    query: period,
  };
  const balance = {
    title: `Balance of ${short(account).textContent} in ${period.currency}`,
    path: "/v1/audit/proofs/balances",
    query: { account, currency: period.currency, at: period.time_to || null },
  };
  const said = `Opening ${money(opening)}, closing ${money(closing)}.`;
  const parts = [
    h(
      "dl",
      { class: "figures" },
      figure("Opening balance", money(opening)),
      ...totals(found),
      figure("Closing balance", money(closing)),
    ),
    h("p", { class: "quiet" }, `Taken from the books up to block ${block.toLocaleString("en")}.`),
    h(
      "div",
      { class: "buttons" },
      checkButton(subject, "Check this statement yourself"),
      checkButton(balance, "Check the closing balance"),
    ),
  ];
  if (lines.length === 0) parts.push(h("p", {}, "No line in this period."));
  else parts.push(table(`Lines, in ${period.currency}`, columns(currency), lines));
  parts.push(pages("statement", query, found.next_cursor, "the statement"), files(path, period));
  return { said, parts: parts.filter(Boolean) };
}

function totals({ totals: sums }) {
  if (!sums) return [];
  return [
    figure("Lines", sums.lines.toLocaleString("en")),
    figure("In", money(sums.in)),
    figure("Out", money(sums.out)),
  ];
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function columns(currency) {
  return [
    { name: "Line", number: true, cell: (line) => line.sequence.toLocaleString("en") },
    { name: "Time (UTC)", cell: (line) => moment(line.block_time) },
    {
      name: "What",
      cell: (line) => [
        h("strong", {}, words(line.kind)),
        h("span", { class: "under" }, `block ${line.block_number.toLocaleString("en")}`),
      ],
    },
    { name: "Counterparty", cell: (line) => other(line, currency) },
    { name: "Change", number: true, cell: (line) => signed(line.change.amount) },
    { name: "Balance", number: true, cell: (line) => grouped(line.balance.amount) },
  ];
}

function other({ counterparty }, currency) {
  if (!counterparty) return "–";
  const name = contractName(counterparty);
  if (name) return h("span", { title: counterparty }, name);
  const href = link("statement", { account: counterparty, currency });
  return h("a", { href, title: counterparty }, short(counterparty));
}

const signed = (amount) => (amount.startsWith("-") ? grouped(amount) : `+${grouped(amount)}`);

function files(path, period) {
  return h(
    "details",
    {},
    h("summary", {}, "As a file, by the API"),
    facts([
      ["CSV", h("code", {}, address(`${path}/export`, { ...period, format: "csv" }))],
      ["JSON lines", h("code", {}, address(`${path}/export`, { ...period, format: "jsonl" }))],
      ["ISO 20022", h("code", {}, address(`${path}/camt.053`, period))],
    ]),
  );
}
