// "Check it yourself": gets a bundle, checks it in this browser and shows every step.

import { byId, h } from "./dom.js";
import { forgeries } from "./forge.js";
import { ofClaim, ofReport, verdict } from "./report.js";
import { address, ask } from "./session.js";
import { pinnedBlock, trustFor } from "./trust.js";

const STEPS = {
  bundle: "The bundle",
  trust: "What is believed beforehand",
  form: "The file has its one form: nothing is hidden in it, nothing is there twice",
  chain: "It is about the chain that is trusted",
  finality: "Its blocks are final",
  claim: "What is claimed follows from the blocks",
  evidence: "All evidence was needed, and none is left over",
};
const MARKS = { waiting: "·", running: "…", done: "✓", failed: "✗", skipped: "–" };
const STATES = { done: "done", failed: "failed", skipped: "not reached", running: "under way" };
const CHECK_SECONDS_MAX = 120;

let stop = () => {};

/** A button that checks `subject`: `{ title, path, query }`, or `{ title, bytes }` for a file. */
export function checkButton(subject, words = "Check it yourself") {
  // What is checked is said to those who hear the buttons one by one.
  const name = `${words}: ${subject.title}`;
  return h(
    "button",
    { type: "button", class: "check", "aria-label": name, onclick: () => check(subject) },
    words,
  );
}

export function startChecks() {
  const dialog = byId("check");
  byId("check-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => stop());
}

/** Open the dialog and check. */
export async function check(subject) {
  const dialog = byId("check");
  byId("check-title").textContent = subject.title;
  byId("check-verdict").replaceChildren(h("p", {}, "Checking …"));
  byId("check-more").replaceChildren();
  const steps = new Steps(byId("check-steps"));
  if (!dialog.open) dialog.showModal();
  byId("check-title").focus();
  const leaving = new AbortController();
  stop = () => leaving.abort();
  try {
    steps.begin("bundle");
    const bytes = subject.bytes ?? (await fetched(subject, leaving.signal));
    const claim = claimOf(bytes);
    steps.done("bundle", await described(bytes, claim));
    steps.begin("trust");
    const trust = await trustFor(claim);
    steps.done(
      "trust",
      trust.own ? `Your own file ${trust.name}.` : "This bank's word for its chain.",
    );
    const result = await verified(bytes, trust.value, leaving.signal, (step) => steps.done(step));
    ended(steps, result, { bytes, trust, claim, signal: leaving.signal });
  } catch (error) {
    if (leaving.signal.aborted) return;
    steps.fail();
    const said = `${error.code ?? "Failed"}: ${error.message}`;
    byId("check-verdict").replaceChildren(
      h("p", { class: "verdict bad" }, "Not checked"),
      h("p", {}, said),
    );
  }
}

async function fetched({ path, query }, signal) {
  const pinned = pinnedBlock();
  const whole = pinned === null ? query : { ...query, pinned_block: pinned };
  return (await ask(address(path, whole), signal)).arrayBuffer();
}

/** The claim of a bundle, to say what it is about; whether it has a form is for the verifier. */
function claimOf(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).claim ?? {};
  } catch {
    return {};
  }
}

async function described(bytes, claim) {
  // Without a secure context (plain HTTP to another machine) browsers give no digest.
  const hash = globalThis.crypto?.subtle ? await crypto.subtle.digest("SHA-256", bytes) : null;
  const digits =
    hash && [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0"));
  const about = ofClaim(claim);
  const size = `${bytes.byteLength.toLocaleString("en")} bytes`;
  return [about, size, digits && `SHA-256 ${digits.join("")}`].filter(Boolean).join(" · ");
}

/** The worker's answer; a file that takes too long is given up. */
export function verified(bytes, trust, signal, told = () => {}) {
  return new Promise((resolve, reject) => {
    const worker = new Worker("/web/audit/worker.js", { type: "module" });
    const end = (settle, value) => {
      clearTimeout(late);
      worker.terminate();
      settle(value);
    };
    const late = setTimeout(
      () => end(reject, new Error(`It took more than ${CHECK_SECONDS_MAX} seconds.`)),
      1000 * CHECK_SECONDS_MAX,
    );
    signal.addEventListener("abort", () => end(reject, new Error("Stopped.")));
    worker.addEventListener("error", () => end(reject, new Error("The verifier did not start.")));
    worker.addEventListener("message", ({ data }) => {
      if (data.step !== undefined) told(data.step);
      else if (data.unusable)
        end(reject, new Error(`The trust file can't be used: ${data.unusable}`));
      else end(resolve, data);
    });
    worker.postMessage({ bytes, trust });
  });
}

function ended(steps, { report, milliseconds }, { bytes, trust, claim, signal }) {
  if (report.verdict === "VALID") steps.say("finality", `${report.finality}.`);
  else steps.fail(`${report.detail} (${report.code})`);
  byId("check-verdict").replaceChildren(...verdict(report, trust));
  const parts = ofReport(report);
  if (report.verdict === "VALID") parts.push(attack(bytes, trust, signal));
  parts.push(kept(bytes, trust, report, claim));
  parts.push(h("p", { class: "quiet" }, `Checked in this browser in ${milliseconds} ms.`));
  byId("check-more").replaceChildren(...parts);
}

function kept(bytes, trust, report, claim) {
  const bundle = `${claim.kind ?? "bundle"}.json`;
  const file = (name, content) =>
    h(
      "a",
      {
        href: URL.createObjectURL(new Blob([content], { type: "application/json" })),
        download: name,
      },
      name,
    );
  return h(
    "section",
    { "aria-labelledby": "keep" },
    h("h3", { id: "keep" }, "Keep it, and have it checked elsewhere"),
    h(
      "p",
      { class: "files" },
      file(bundle, bytes),
      file("trust.json", JSON.stringify(trust.value, null, 2)),
      file("report.json", JSON.stringify(report, null, 2)),
    ),
    h(
      "pre",
      { tabindex: "0" },
      h("code", {}, `wallet-chain verify-bundle ${bundle} --trust trust.json`),
    ),
  );
}

/** A check that has never failed is not known to check: let the reader forge the bundle. */
function attack(bytes, trust, signal) {
  const said = h("ul", { class: "forged", "aria-live": "polite" });
  const buttons = forgeries(bytes).map(({ name, forge }) =>
    h("button", { type: "button", class: "second", onclick: () => tried(name, forge) }, name),
  );
  async function tried(name, forge) {
    const { report } = await verified(forge(), trust.value, signal);
    said.append(
      h(
        "li",
        {},
        `${name}: `,
        h("strong", { class: report.verdict === "VALID" ? "bad" : null }, report.verdict),
        ` – ${report.detail} (${report.code})`,
      ),
    );
  }
  return h(
    "section",
    { "aria-labelledby": "forge" },
    h("h3", { id: "forge" }, "See it fail"),
    h("p", { class: "quiet" }, "Each button changes a copy of the bundle and checks that copy."),
    h("div", { class: "buttons" }, buttons),
    said,
  );
}

/** The list of steps, each with its state in words for those who don't see the mark. */
class Steps {
  constructor(place) {
    this.parts = new Map();
    this.at = null;
    const items = Object.entries(STEPS).map(([name, words]) => {
      const part = { mark: h("span", { class: "mark", "aria-hidden": "true" }) };
      part.state = h("span", { class: "unseen" });
      part.more = h("span", { class: "more" });
      part.item = h("li", {}, part.mark, h("span", {}, words, part.state, part.more));
      this.parts.set(name, part);
      return part.item;
    });
    place.replaceChildren(...items);
    for (const name of this.parts.keys()) this.mark(name, "waiting");
  }

  mark(name, state) {
    const { item, mark, state: said } = this.parts.get(name);
    item.className = state;
    mark.textContent = MARKS[state];
    said.textContent = STATES[state] ? ` (${STATES[state]})` : "";
  }

  begin(name) {
    this.at = name;
    this.mark(name, "running");
  }

  say(name, words) {
    this.parts.get(name).more.textContent = words;
  }

  done(name, words = "") {
    this.mark(name, "done");
    if (words) this.say(name, words);
    const names = [...this.parts.keys()];
    const next = names[names.indexOf(name) + 1];
    if (next) this.begin(next);
    else this.at = null;
  }

  /** The step that was under way failed, and those after it were not reached. */
  fail(words = "") {
    if (this.at === null) return;
    const names = [...this.parts.keys()];
    this.mark(this.at, "failed");
    if (words) this.say(this.at, words);
    for (const name of names.slice(names.indexOf(this.at) + 1)) this.mark(name, "skipped");
  }
}
