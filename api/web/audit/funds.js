// Where a sum came from and where it went, first in, first out, a few steps far.

import { checkButton } from "./check.js";
import { facts, h, moment, money, short, table, words } from "./dom.js";
import { proof } from "./events.js";
import { link } from "./question.js";
import { address, asked, contractName } from "./session.js";

const ENDS = {
  issued: "Issued here",
  redeemed: "Redeemed here",
  held: "Still held here",
  steps: "Goes on beyond these steps",
  width: "Goes on in more parts than are shown",
};

/** The flow of funds from one line of a statement, or from an order. */
export async function funds(query, signal) {
  const found = await asked(address("/v1/audit/funds", query), signal);
  const { items, direction, complete } = found;
  const whole = complete ? "followed to its ends" : "not followed to all of its ends";
  const way = direction === "back" ? "came from" : "went";
  const said = `Where ${money(found.money)} ${way}: ${items.length} parts, ${whole}.`;
  const parts = [
    h("p", { class: "count" }, said),
    facts([
      ["Account", h("code", {}, found.account)],
      ["Line of its history", String(found.sequence)],
      ["Still held there", direction === "forward" ? money(found.held) : null],
      ["Counted", "first in, first out"],
    ]),
  ];
  if (items.length > 0) parts.push(table("Parts of the sum", COLUMNS, items));
  return { said, parts };
}

const COLUMNS = [
  { name: "Step", number: true, cell: (part) => part.step },
  { name: "Time (UTC)", cell: (part) => moment(part.block_time) },
  { name: "What", cell: (part) => h("strong", {}, words(part.kind)) },
  { name: "Account", cell: (part) => account(part.account, part.line.currency) },
  { name: "Counterparty", cell: (part) => account(part.counterparty, part.line.currency) },
  { name: "Of it", number: true, cell: (part) => money(part.attributed) },
  { name: "Whole line", number: true, cell: (part) => money(part.line) },
  { name: "Ends", cell: (part) => ENDS[part.ends] ?? "Goes on below" },
  { name: "Proof", label: "", wide: true, cell: (part) => checkButton(proof(named(part))) },
];

const named = (part) => ({ ...part, name: words(part.kind) });

function account(at, currency) {
  if (!at) return "–";
  const href = link("statement", { account: at, currency });
  return h("a", { href, title: at }, contractName(at) ?? short(at));
}
