// Plots as inline SVG, drawn anew for each width. Every plot has a sentence that says what it
// shows and a table behind it; no series is told from another by colour alone.

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const ROW = 22;
let made = 0;

function s(tag, fields = {}, ...inside) {
  const part = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(fields)) part.setAttribute(name, value);
  part.append(...inside);
  return part;
}

/**
 * Lines over time. A series is `{ name, points: [{ at, value }] }`, with `at` in Unix seconds and
 * `value` a number, or null where there is none; a value holds until the next one.
 */
export function lines({ title, said, series, behind }) {
  return figure({ title, said, behind, names: series.map(({ name }) => name), dashed: true }, (w) =>
    drawnLines(series, w),
  );
}

/** Horizontal bars. A row is `{ name, bars: [{ value, label }] }`, one bar for each of `names`. */
export function bars({ title, said, names, rows, behind }) {
  return figure({ title, said, behind, names }, (width) => drawnBars(rows, width));
}

function figure({ title, said, behind, names, dashed = false }, draw) {
  const id = `plot-${++made}`;
  const place = h("div", { class: "plot" });
  let drawnFor = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.round(contentRect.width);
    if (width === 0 || width === drawnFor) return;
    drawnFor = width;
    const image = draw(width);
    image.setAttribute("role", "img");
    image.setAttribute("aria-labelledby", `${id}-title ${id}-said`);
    place.replaceChildren(image);
  }).observe(place);
  const key = names.length < 2 ? null : h("ul", { class: "key" }, names.map(keyed(dashed)));
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h3", { id: `${id}-title` }, title), h("p", { id: `${id}-said` }, said)),
    key,
    place,
    h("details", {}, h("summary", {}, "The figures as a table"), behind),
  );
}

const keyed = (dashed) => (name, at) => {
  const sample = s("svg", { width: 28, height: 12, "aria-hidden": "true" });
  const style = `series-${at + 1}`;
  sample.append(
    dashed
      ? s("line", { x1: 0, x2: 28, y1: 6, y2: 6, class: style })
      : s("rect", { x: 1, y: 1, width: 26, height: 10, class: style }),
  );
  return h("li", {}, sample, name);
};

// --- lines over time ------------------------------------------------------------------------------

function drawnLines(series, width) {
  const height = Math.max(180, Math.min(300, width * 0.4));
  const room = { left: 52, right: 12, top: 12, bottom: 28 };
  const all = series.flatMap(({ points }) => points);
  const [first, last] = [all[0].at, all.at(-1).at];
  const top = nice(1.02 * Math.max(...all.map(({ value }) => value ?? 0)));
  const span = Math.max(1, Math.max(...all.map(({ at }) => at)) - first);
  const x = (at) => room.left + ((at - first) / span) * (width - room.left - room.right);
  const y = (value) => height - room.bottom - (value / top) * (height - room.top - room.bottom);
  const image = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const at = y(share * top);
    image.append(
      s("line", { x1: room.left, x2: width - room.right, y1: at, y2: at, class: "grid" }),
      s("text", { x: room.left - 6, y: at + 4, "text-anchor": "end" }, compact.format(share * top)),
    );
  }
  const marks = Math.max(2, Math.min(6, Math.floor(width / 150)));
  for (let mark = 0; mark < marks; mark++) {
    const at = first + (span * mark) / (marks - 1);
    const anchor = mark === 0 ? "start" : mark === marks - 1 ? "end" : "middle";
    const label = dated(at, last - first);
    image.append(s("text", { x: x(at), y: height - 8, "text-anchor": anchor }, label));
  }
  series.forEach(({ points }, at) => image.append(...stepped(points, x, y, `series-${at + 1}`)));
  return image;
}

/** A line for each stretch that has values. */
function stepped(points, x, y, style) {
  const stretches = [];
  let before = null;
  for (const { at, value } of points) {
    if (value === null) {
      before = null;
      continue;
    }
    if (before === null) stretches.push(`M${x(at)} ${y(value)}`);
    else stretches[stretches.length - 1] += `H${x(at)}V${y(value)}`;
    before = value;
  }
  return stretches.map((d) => s("path", { d, class: style, fill: "none" }));
}

/** The next round number above: 1, 2, 2.5 or 5 times a power of ten. */
function nice(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 2.5, 5, 10].find((step) => step * power >= value);
}

function dated(at, span) {
  const said = new Date(1000 * at).toISOString();
  return span < 2 * 86_400 ? said.slice(11, span < 600 ? 19 : 16) : said.slice(0, 10);
}

// --- bars -----------------------------------------------------------------------------------------

function drawnBars(rows, width) {
  const each = 20 + ROW * rows[0].bars.length;
  const height = each * rows.length + 8;
  const longest = Math.max(
    ...rows.flatMap(({ bars: ours }) => ours.map(({ value }) => value)),
    1e-9,
  );
  const label = Math.max(...rows.flatMap(({ bars: ours }) => ours.map((bar) => bar.label.length)));
  const wide = Math.max(40, width - 8 - label * 8);
  const image = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  rows.forEach(({ name, bars: ours }, at) => {
    const above = at * each;
    image.append(s("text", { x: 0, y: above + 14, class: "strong" }, name));
    ours.forEach(({ value, label: told }, which) => {
      const y = above + 20 + which * ROW;
      const size = Math.max(2, (value / longest) * wide);
      image.append(
        s("rect", { x: 1, y, width: size, height: ROW - 6, class: `series-${which + 1}` }),
        s("text", { x: size + 8, y: y + 13 }, told),
      );
    });
  });
  return image;
}
