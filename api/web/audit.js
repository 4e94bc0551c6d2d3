// The page /audit: fetches a bundle or takes a file, and checks it in this browser.
import { readTrust, verify } from "/web/verifier.js";

const said = document.getElementById("said");
const value = (id) => document.getElementById(id).value.trim();
const file = (id) => document.getElementById(id).files[0];

document.getElementById("ask").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  check(async () => {
    const { trust, own } = await trusted();
    const query = new URLSearchParams({ currency: value("currency") });
    if (value("from")) query.set("time_from", `${value("from")}T00:00:00Z`);
    if (value("to")) query.set("time_to", `${value("to")}T23:59:59Z`);
    const pinned = Object.keys(trust.finality?.blocks ?? {}).map(Number);
    // Without seals of validators, a bundle leads to the block that the trust file pins.
    if (pinned.length > 0) query.set("pinned_block", Math.max(...pinned));
    const answer = await asked(`/v1/audit/proofs/statements/${value("account")}?${query}`);
    return { bytes: await answer.arrayBuffer(), trust, own };
  });
});

document.getElementById("files").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  check(async () => ({ bytes: await file("bundle").arrayBuffer(), ...(await trusted()) }));
});

/** The trust file that was chosen, or the bank's own. */
async function trusted() {
  const chosen = file("trust");
  if (chosen) return { trust: JSON.parse(await chosen.text()), own: true };
  return { trust: await (await asked("/v1/audit/trust")).json(), own: false };
}

async function asked(path) {
  const headers = { Authorization: `Bearer ${value("key")}` };
  const answer = await fetch(path, { headers });
  if (answer.ok) return answer;
  const problem = await answer.json();
  throw new Error(`${problem.code}: ${problem.detail}`);
}

async function check(get) {
  show(element("p", "Checking …"));
  try {
    const { bytes, trust, own } = await get();
    const started = performance.now();
    const report = verify(new Uint8Array(bytes), readTrust(trust));
    const took = Math.round(performance.now() - started);
    show(...told(report, own), saving(bytes, took));
  } catch (error) {
    show(element("p", `It could not be checked: ${error.message}`, "bad"));
  }
}

function told(report, own) {
  if (report.verdict !== "VALID") {
    return [
      element("p", report.verdict, "verdict bad"),
      element("p", `${report.detail} (${report.code})`),
    ];
  }
  const whose = own ? "Measured by your own trust file." : "Measured by this bank's own trust file.";
  const parts = [
    element("p", "VALID", "verdict good"),
    element("p", whose),
    element("h3", "Proven, step by step"),
    list(["The file has its one form, and is about the trusted chain.",
      `Its blocks are final: ${report.finality}.`, ...report.proven.map(sentence)], "ol"),
    element("h3", "Not proven"),
    list(report.not_proven.map(sentence), "ul"),
  ];
  if (report.facts.lines) parts.push(element("h3", "The statement, in minor units"), table(report.facts));
  else parts.push(element("pre", JSON.stringify(report.facts, null, 2)));
  return parts;
}

const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}.`;

function table(facts) {
  const timed = facts.lines.some((line) => line.time !== undefined);
  const columns = ["entry", ...(timed ? ["time"] : []), "kind", "from", "to", "amount", "balance"];
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const name of columns) head.append(Object.assign(element("th", name), { scope: "col" }));
  const body = made.createTBody();
  for (const line of facts.lines) {
    const row = body.insertRow();
    for (const name of columns) row.insertCell().textContent = shown(name, line[name]);
  }
  const wide = element("div", "", "wide");
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", "The lines of the statement");
  wide.append(made);
  return wide;
}

function shown(name, text) {
  if (name === "time") return new Date(1000 * Number(text)).toISOString().replace(".000Z", "Z");
  return name === "from" || name === "to" ? `${text.slice(0, 8)}…${text.slice(-4)}` : text;
}

function saving(bytes, took) {
  const line = element("p", `${bytes.byteLength} bytes, checked in ${took} ms. `);
  const link = element("a", "Keep the bundle");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/json" }));
  link.download = "bundle.json";
  line.append(link);
  return line;
}

function list(sentences, tag) {
  const made = element(tag);
  made.append(...sentences.map((each) => element("li", each)));
  return made;
}

function element(tag, text = "", style = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className: style });
}

function show(...parts) {
  said.replaceChildren(...parts);
}
