// Who asks. The key is in this page's memory only: it is gone with the page, and in no address.

import { announce, byId, h } from "./dom.js";

let key = null;
let contracts = new Map();
const listeners = [];

export const signedIn = () => key !== null;

/** Called with true or false whenever somebody has signed in or out. */
export function onSession(listener) {
  listeners.push(listener);
}

/** What the API refused, with its stable code. */
export class Problem extends Error {
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/** A GET of the API: the answer, or a Problem. */
export async function ask(path, signal = undefined) {
  if (key === null) throw new Problem("unauthenticated", "Sign in with your API key first.");
  let answer;
  try {
    answer = await fetch(path, { headers: { Authorization: `Bearer ${key}` }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("unreachable", "The bank's server does not answer. Try again.");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Problem(
    said.code ?? String(answer.status),
    said.detail ?? "The server said no more about it.",
  );
}

export async function asked(path, signal = undefined) {
  return (await ask(path, signal)).json();
}

/** `/v1/...?a=1` from a path and what is not empty. */
export function address(path, query) {
  const said = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return said.length > 0 ? `${path}?${new URLSearchParams(said)}` : path;
}

/** A contract's name, by its address. */
export const contractName = (at) => contracts.get(at.toLowerCase()) ?? null;

/** Wire up the form in which one signs in. */
export function startSession() {
  byId("sign-in").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    signIn();
  });
  byId("sign-out").addEventListener("click", () => signOut("Signed out. The key is forgotten."));
}

async function signIn() {
  const field = byId("key");
  const said = byId("session-said");
  key = field.value.trim();
  field.value = "";
  said.textContent = "Signing in …";
  said.className = "";
  try {
    const trust = await asked("/v1/audit/trust");
    const named = Object.entries(trust.contracts);
    contracts = new Map(named.map(([name, { address }]) => [address.toLowerCase(), name]));
    const currencies = named.map(([name]) => name).filter((name) => /^[A-Z]{3}$/.test(name));
    byId("currencies").replaceChildren(...currencies.map((value) => h("option", { value })));
    byId("whose").textContent = `${key.split("_").slice(0, 2).join("_")}_…`;
    byId("chain").textContent = `chain ${trust.chain_id}`;
  } catch (error) {
    key = null;
    said.textContent = `${error.code ?? "Failed"}: ${error.message}`;
    said.className = "problem";
    field.focus();
    return;
  }
  said.textContent = "";
  shown(true);
  announce("Signed in.");
}

function signOut(words) {
  key = null;
  contracts = new Map();
  shown(false);
  byId("session-said").textContent = words;
  byId("key").focus();
}

function shown(isIn) {
  byId("sign-in").hidden = isIn;
  byId("signed-in").hidden = !isIn;
  for (const listener of listeners) listener(isIn);
}
