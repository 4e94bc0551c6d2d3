// A question is in the address, after the #, which no browser sends to a server: it can be
// bookmarked and sent to a colleague, who asks it with a key of their own.

import { announce, byId, h, problem } from "./dom.js";
import { onSession, signedIn } from "./session.js";

const views = new Map();
let current = null;

/**
 * A view: a section `view-NAME` with a form, whose answer goes to its `.answer`. `answer(query,
 * signal)` gives `{ said, parts }`: a sentence to be heard, and elements to be seen.
 */
export function view(name, answer, { asksFirst = false } = {}) {
  const section = byId(`view-${name}`);
  const form = section.querySelector("form");
  views.set(name, {
    name,
    section,
    form,
    answer,
    asksFirst,
    place: section.querySelector(".answer"),
  });
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    const asked = link(name, filled(form));
    if (location.hash === asked) route();
    else location.hash = asked;
  });
  form.addEventListener("reset", () => {
    location.hash = `#${name}`;
  });
}

/** The address of a question. */
export function link(name, query = {}) {
  const said = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  return said.length > 0 ? `#${name}?${new URLSearchParams(said)}` : `#${name}`;
}

/** Show what the address asks, now and whenever it changes. */
export function startQuestions() {
  addEventListener("hashchange", () => route());
  onSession(() => route());
  route({ first: true });
}

function filled(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}

function route({ first = false } = {}) {
  const [name, words = ""] = location.hash.slice(1).split("?");
  const shown = views.get(name) ?? views.get("events");
  const query = Object.fromEntries(new URLSearchParams(words));
  for (const each of views.values()) {
    each.section.hidden = each !== shown;
    const marked = byId(`to-${each.name}`);
    if (each === shown) marked.setAttribute("aria-current", "page");
    else marked.removeAttribute("aria-current");
  }
  document.title = `${shown.section.querySelector("h2").textContent} · Audit · Wallet Chain`;
  fill(shown.form, query);
  // Who chose another view by keyboard goes on from its top.
  if (!first && current !== null && current !== shown) shown.section.querySelector("h2").focus();
  current = shown;
  ask(shown, query);
}

function fill(form, query) {
  for (const field of form.elements) {
    if (!field.name || field.type === "file") continue;
    field.value = query[field.name] ?? field.dataset.usual ?? "";
  }
  for (const more of form.querySelectorAll("details")) {
    const inside = [...more.querySelectorAll("[name]")];
    if (inside.some((field) => query[field.name])) more.open = true;
  }
}

async function ask(shown, query) {
  shown.asking?.abort();
  const { place } = shown;
  // Until there is an answer to this question, what is seen answers another one.
  delete place.dataset.answers;
  if (!signedIn()) {
    const words = "Sign in above; the question stays as it is.";
    answered(place, "", [h("p", { class: "quiet" }, words)]);
    return;
  }
  if (shown.asksFirst && Object.keys(query).length === 0) {
    answered(place, "", []);
    return;
  }
  const asking = (shown.asking = new AbortController());
  place.setAttribute("aria-busy", "true");
  let given;
  try {
    given = await shown.answer(query, asking.signal);
  } catch (error) {
    given = { said: `${error.code ?? "Failed"}: ${error.message}`, parts: [problem(error)] };
  }
  if (!asking.signal.aborted) answered(place, given.said, given.parts);
}

function answered(place, said, parts) {
  const wasInside = place.contains(document.activeElement);
  place.removeAttribute("aria-busy");
  place.replaceChildren(...parts);
  place.dataset.answers = location.hash;
  if (said) announce(said);
  // The link that was followed is gone; its reader goes on at the top of the answer.
  if (wasInside) {
    place.tabIndex = -1;
    place.focus();
  }
}

/** A moment as typed (UTC, to the minute) for the API: the minute's first or last second. */
export function since(typed) {
  return typed ? `${typed}:00Z` : "";
}

export function until(typed) {
  return typed ? `${typed}:59Z` : "";
}

/** Links to the first and the next page. */
export function pages(name, query, next, what) {
  const { cursor, ...first } = query;
  if (!cursor && !next) return null;
  return h(
    "nav",
    { class: "pages", "aria-label": `Pages of ${what}` },
    cursor ? h("a", { href: link(name, first) }, "First page") : null,
    next ? h("a", { href: link(name, { ...first, cursor: next }) }, "Next page") : null,
  );
}
