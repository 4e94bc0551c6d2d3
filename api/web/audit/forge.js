// Forgeries of a bundle, made in this browser, so that its reader sees the check fail.

/** The forgeries that this bundle allows: `{ name, forge() }`, where `forge` gives bytes. */
export function forgeries(bytes) {
  const bundle = JSON.parse(new TextDecoder().decode(bytes));
  const { claim, blocks } = bundle;
  const made = [];
  const offer = (name, change) => made.push({ name, forge: () => changed(bundle, change) });
  if (claim.lines?.length > 0) {
    offer("Remove a line", (copy) => copy.claim.lines.splice(middle(copy.claim.lines), 1));
    offer("Change an amount", (copy) => {
      const line = copy.claim.lines[middle(copy.claim.lines)];
      line.amount = more(line.amount);
    });
  }
  if (claim.kind === "balance") {
    offer("Change the balance", (copy) => (copy.claim.balance = more(claim.balance)));
  }
  if (claim.kind === "total") {
    offer("Leave an account out", (copy) => copy.claim.accounts.pop());
    offer("Change the supply", (copy) => (copy.claim.supply = more(claim.supply)));
    if (claim.reserves) {
      const { amount } = claim.reserves;
      offer("Change the reserves", (copy) => (copy.claim.reserves.amount = more(amount)));
    }
  }
  if (claim.kind === "event" && claim.data.length > 2) {
    offer("Change what the event says", (copy) => (copy.claim.data = flipped(claim.data)));
  }
  if (blocks.length > 1) {
    offer("Swap two headers", ({ blocks: [one, two] }) => {
      [one.header, two.header] = [two.header, one.header];
    });
  }
  offer("Change a header", (copy) => (copy.blocks[0].header = flipped(blocks[0].header)));
  return made;
}

const middle = (list) => Math.floor((list.length - 1) / 2);
const more = (amount) => String(BigInt(amount) + 1n);

/** The same bytes with the last bit turned over. */
function flipped(hex) {
  const last = (parseInt(hex.at(-1), 16) ^ 1).toString(16);
  return hex.slice(0, -1) + last;
}

function changed(bundle, change) {
  const copy = structuredClone(bundle);
  change(copy);
  return new TextEncoder().encode(canonical(copy));
}

/** The one form that a bundle may have: a forger keeps to it, or is found out at the first step. */
function canonical(value) {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `"${name}":${canonical(value[name])}`).join(",")}}`;
}
