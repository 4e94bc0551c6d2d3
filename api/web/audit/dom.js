// How the page /audit makes elements: text is never markup, and every table says what it is.

/** An element; `fields` are attributes, or handlers where they start with "on". */
export function h(tag, fields = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.flat().filter((each) => each !== null && each !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

/**
 * A table that becomes a list of cards on a narrow screen. A column is
 * `{ name, cell(row), number, wide }`; the first one is the row's heading.
 */
export function table(caption, columns, rows, { cards = true } = {}) {
  const head = h(
    "tr",
    { role: "row" },
    columns.map(({ name, number }) =>
      h("th", { scope: "col", role: "columnheader", class: number ? "number" : null }, name),
    ),
  );
  // A card is no table row for the browser any more, so the roles are said in so many words.
  const made = h(
    "table",
    { class: cards ? "cards" : null, role: "table" },
    h("caption", {}, caption),
    h("thead", { role: "rowgroup" }, head),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map((row) =>
        h(
          "tr",
          { role: "row" },
          columns.map((column) => cellOf(column, row)),
        ),
      ),
    ),
  );
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, made);
}

function cellOf({ name, cell, number, wide, label }, row) {
  const style = [number && "number", wide && "whole"].filter(Boolean).join(" ") || null;
  const content = cell(row);
  return h(
    "td",
    { role: "cell", class: style, "data-name": label ?? name },
    Array.isArray(content) ? h("div", {}, content) : [content ?? "–"],
  );
}

/** Names and what they are, as a list of definitions. */
export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** Tells a screen reader what has changed, without moving anybody's place. */
export function announce(words) {
  byId("heard").textContent = words;
}

/** Unix seconds as people read them, always UTC. */
export function moment(seconds) {
  const at = new Date(1000 * Number(seconds)).toISOString();
  return h("time", { datetime: at }, `${at.slice(0, 10)} ${at.slice(11, 19)}`);
}

/** The same to the minute, as text. */
export const minute = (seconds) =>
  new Date(1000 * Number(seconds)).toISOString().slice(0, 16).replace("T", " ");

/** `{ amount: "1234.50", currency: "EUR" }` as `1,234.50 EUR`. */
export function money(value) {
  return value ? `${grouped(value.amount)} ${value.currency}` : "–";
}

/** `-1234567.89` as `-1,234,567.89`, digit by digit: no amount becomes a float. */
export function grouped(decimal) {
  const [whole, fraction] = String(decimal).split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** A long identifier: whole for those who copy it or hear it, short for the eye. */
export function short(text, name = null) {
  if (!text) return "–";
  const seen = name ?? (text.length > 18 ? `${text.slice(0, 8)}…${text.slice(-4)}` : text);
  return h("code", { title: text }, seen);
}

/** `escrow_in` as `Escrow in`. */
export function words(name) {
  const said = String(name).replaceAll("_", " ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** What went wrong, as the API said it. */
export function problem(error) {
  return h("p", { class: "problem" }, h("strong", {}, error.code ?? "Failed"), ` ${error.message}`);
}
