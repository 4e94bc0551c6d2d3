// Who used which power, and when.

import { checkButton } from "./check.js";
import { facts, h, moment, money, short, table, words } from "./dom.js";
import { proof } from "./events.js";
import { link, pages, since, until } from "./question.js";
import { address, asked, contractName } from "./session.js";

const PAGE = 25;

/** Acts that need a power: mints, freezes, court orders, roles, policy. */
export async function powers(query, signal) {
  const { time_from, time_to, ...rest } = query;
  const filters = { ...rest, time_from: since(time_from), time_to: until(time_to), limit: PAGE };
  const { items, next_cursor: next } = await asked(address("/v1/audit/powers", filters), signal);
  const more = next ? "; more follow" : "";
  const said = items.length === 0 ? `No such act${more}.` : `${items.length} acts${more}.`;
  const parts = [h("p", { class: "count" }, said)];
  if (items.length > 0) parts.push(table("Acts of power", COLUMNS, items));
  parts.push(pages("powers", query, next, "acts"));
  return { said, parts: parts.filter(Boolean) };
}

const COLUMNS = [
  { name: "Time (UTC)", cell: (act) => moment(act.block_time) },
  {
    name: "Act",
    cell: (act) => [
      h("strong", {}, words(act.act)),
      h("span", { class: "under" }, `${words(act.power)} · ${act.name}`),
    ],
  },
  { name: "By", cell: by },
  { name: "Account", cell: (act) => other(act.account) },
  { name: "Amount", number: true, cell: (act) => (act.money ? money(act.money) : act.currency) },
  {
    name: "More",
    label: "",
    wide: true,
    cell: (act) => [
      checkButton(proof(act)),
      h("details", {}, h("summary", {}, "All of it"), detail(act)),
    ],
  },
];

function by({ actor, principal }) {
  if (!actor) return "–";
  const href = link("powers", { actor: principal?.id ?? actor });
  const seen = h("a", { href, title: actor }, contractName(actor) ?? short(actor));
  return principal ? [h("span", {}, principal.role), h("span", { class: "under" }, seen)] : seen;
}

const other = (account) =>
  account ? h("span", { title: account }, contractName(account) ?? short(account)) : "–";

function detail(act) {
  return facts([
    ["Block", act.block_number.toLocaleString("en")],
    ["Transaction", h("code", {}, act.transaction_hash)],
    ["Principal", act.principal && h("code", {}, act.principal.id)],
    ...Object.entries(act.arguments).map(([name, value]) => [
      h("code", {}, name),
      h("code", {}, typeof value === "string" ? value : JSON.stringify(value)),
    ]),
  ]);
}
