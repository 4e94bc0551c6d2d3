// Who looked at whom: every look of staff, of auditors too, is recorded and never changed.

import { h, moment, table, words } from "./dom.js";
import { link, pages, since, until } from "./question.js";
import { address, asked } from "./session.js";

const PAGE = 25;

/** Looks of staff at customers and at the books, newest first. */
export async function looks(query, signal) {
  const { time_from, time_to, ...rest } = query;
  const filters = { ...rest, time_from: since(time_from), time_to: until(time_to), limit: PAGE };
  const page = await asked(address("/v1/audit/accesses", filters), signal);
  const { items, next_cursor: next } = page;
  const more = next ? "; more follow" : "";
  const said = items.length === 0 ? "No such look." : `${items.length} looks${more}.`;
  const parts = [h("p", { class: "count" }, said)];
  if (items.length > 0) parts.push(table("Looks", COLUMNS, items));
  parts.push(pages("looks", query, next, "looks"));
  return { said, parts: parts.filter(Boolean) };
}

const COLUMNS = [
  { name: "Time (UTC)", cell: (look) => moment(look.at) },
  {
    name: "Who",
    cell: (look) => [h("span", {}, words(look.role)), by("principal_id", look.principal_id)],
  },
  { name: "What", cell: (look) => h("strong", {}, words(look.action)) },
  { name: "At whom", cell: (look) => look.customer_id && by("customer_id", look.customer_id) },
  { name: "Asked for", wide: true, cell: (look) => asking(look.query) },
];

function by(field, id) {
  const href = link("looks", { [field]: id });
  return h("span", { class: "under" }, h("a", { href }, h("code", {}, id)));
}

function asking(query) {
  const said = Object.entries(query).filter(([, value]) => value !== null && value !== "");
  if (said.length === 0) return "–";
  return said.map(([name, value]) => `${words(name)}: ${value}`).join(" · ");
}
