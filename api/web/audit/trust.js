// What the check believes beforehand: the reader's own trust file, or else the bank's word.

import { byId } from "./dom.js";
import { asked, address, Problem, signedIn } from "./session.js";

let own = null;

export function startTrust() {
  byId("trust").addEventListener("change", () => choose());
  byId("trust-forget").addEventListener("click", () => {
    own = null;
    byId("trust").value = "";
    shown();
    byId("trust").focus();
  });
  shown();
}

async function choose() {
  const [file] = byId("trust").files;
  own = null;
  let fault = null;
  if (file) {
    try {
      own = { name: file.name, value: JSON.parse(await file.text()) };
      if (!own.value?.format?.startsWith?.("wallet-chain-trust/")) throw new SyntaxError("other");
    } catch {
      own = null;
      fault = `${file.name} is no trust file; the bank's word is taken.`;
    }
  }
  shown(fault);
}

function shown(fault = null) {
  const said = byId("trust-said");
  const bank =
    "Measured by this bank's own word for its chain. Bring a file of your own to believe less.";
  const ours = own && `Measured by your own file ${own.name}: chain ${own.value.chain_id}.`;
  said.textContent = fault ?? ours ?? bank;
  said.className = fault ? "problem" : "quiet";
  byId("trust-forget").hidden = own === null;
}

export const ownTrust = () => own;

/** Where bundles have to lead for the reader's own file, on a chain without seals; else null. */
export function pinnedBlock() {
  const pinned = Object.keys(own?.value.finality?.blocks ?? {}).map(Number);
  return pinned.length > 0 ? Math.max(...pinned) : null;
}

/** The trust file for a claim: `{ value, own, name }`. The bank's is as of the claim's last block. */
export async function trustFor(claim) {
  if (own !== null) return { ...own, own: true };
  if (!signedIn()) {
    throw new Problem(
      "no_trust",
      "Choose a trust file of your own, or sign in to take the bank's.",
    );
  }
  const block = claim?.closing?.block ?? claim?.block;
  const known = /^(0|[1-9]\d{0,15})$/.test(block) ? block : null;
  const value = await asked(address("/v1/audit/trust", { block: known }));
  return { value, own: false, name: "trust.json" };
}
