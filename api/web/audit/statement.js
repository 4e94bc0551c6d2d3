// A statement: every line of an account in a period, with the balances around it, and its proof.

import { checkButton } from "./check.js";
import { facts, grouped, h, moment, money, short, table, words } from "./dom.js";
import { link, pages, since, until } from "./question.js";
import { address, asked, contractName } from "./session.js";

const PAGE = 50;

/** A page of a statement: of an account, or of all accounts that a customer has had. */
export async function statement(query, signal) {
  const { account: of = "", cursor } = query;
  const period = {
    currency: (query.currency ?? "").toUpperCase(),
    time_from: since(query.time_from),
    time_to: until(query.time_to),
  };
  const ofCustomer = of.startsWith("cus_");
  const path = ofCustomer
    ? `/v1/audit/customers/${encodeURIComponent(of)}/statement`
    : `/v1/audit/statements/${encodeURIComponent(of)}`;
  const found = await asked(address(path, { ...period, limit: PAGE, cursor }), signal);
  const { lines, opening, closing, totals, block_number: block } = found;
  const said = `Opening ${money(opening)}, closing ${money(closing)}.`;
  const parts = [
    h(
      "dl",
      { class: "figures" },
      figure("Opening balance", money(opening)),
      figure("Lines", totals.lines.toLocaleString("en")),
      figure("In", money(totals.came_in)),
      figure("Out", money(totals.went_out)),
      figure("Closing balance", money(closing)),
    ),
    h("p", { class: "quiet" }, `Taken from the books up to block ${block.toLocaleString("en")}.`),
    ...(found.accounts ?? [{ account: of }]).map(({ account }) =>
      checks(account, period, ofCustomer),
    ),
  ];
  if (lines.length === 0) parts.push(h("p", {}, "No line in this period."));
  else
    parts.push(
      table(
        `Lines, in ${period.currency}`,
        columns(period.currency, ofCustomer, ofCustomer ? null : of),
        lines,
      ),
    );
  parts.push(pages("statement", query, found.next_cursor, "the statement"));
  if (!ofCustomer) parts.push(files(path, period));
  return { said, parts: parts.filter(Boolean) };
}

/** What can be proven of an account: a customer's statement is that of each of its accounts. */
function checks(account, period, named) {
  const whose = `${account.slice(0, 8)}…${account.slice(-4)} in ${period.currency}`;
  const lines = {
    title: `Statement of ${whose}`,
    path: `/v1/audit/proofs/statements/${account}`,
    query: period,
  };
  const balance = {
    title: `Balance of ${whose}`,
    path: "/v1/audit/proofs/balances",
    query: { account, currency: period.currency, at: period.time_to },
  };
  return h(
    "div",
    { class: "buttons" },
    named ? h("span", {}, "Account ", short(account), ":") : null,
    checkButton(lines, "Check this statement yourself"),
    checkButton(balance, "Check the closing balance"),
  );
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

/** What came in is followed back, and what went out forward; issued money came from nowhere. */
function followed({ sequence, change, kind }, account, currency) {
  const wentOut = change.amount.startsWith("-");
  const onward = kind === "mint" || (wentOut && kind !== "redemption");
  const direction = onward ? "forward" : "back";
  return link("funds", { account, currency, sequence, direction });
}

function columns(currency, ofCustomer, account) {
  const own = { name: "Account", cell: (line) => short(line.account) };
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
    ...(ofCustomer ? [own] : []),
    { name: "Counterparty", cell: (line) => other(line, currency) },
    { name: "Change", number: true, cell: (line) => signed(line.change.amount) },
    { name: "Balance", number: true, cell: (line) => grouped(line.balance.amount) },
    {
      name: "More",
      label: "",
      wide: true,
      cell: (line) => [
        h("a", { href: link("timeline", { of: line.reference }) }, "Timeline"),
        " · ",
        h("a", { href: followed(line, account ?? line.account, currency) }, "Follow the money"),
      ],
    },
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
      ["Parquet", h("code", {}, address(`${path}/export`, { ...period, format: "parquet" }))],
      ["ISO 20022", h("code", {}, address(`${path}/camt.053`, period))],
    ]),
  );
}
