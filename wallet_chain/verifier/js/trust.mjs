// Trust files: what the verifier's owner believes before any bundle is opened.

import { exactly, hex, hexed, invalid, list, number, object, require, text } from "./forms.mjs";

/** What the verifier's owner believes, from a trust file's JSON value. */
export function readTrust(value) {
  const fields = exactly(value, "trust", "format chain_id genesis_hash finality contracts");
  require(fields.format ===
    "wallet-chain-trust/1", "wrong_form", "The trust file's format is unknown.");
  const finality = object(fields.finality, "trust.finality");
  const rule = text(finality.rule, "trust.finality.rule");
  const pinned = new Map();
  let eras = [];
  if (rule === "pinned") {
    const blocks = object(exactly(finality, "trust.finality", "rule blocks").blocks, "blocks");
    for (const [at, hash] of Object.entries(blocks)) {
      pinned.set(number(at, "block"), hex(hexed(hash, "block's hash", 32)));
    }
  } else {
    require(rule === "qbft" || rule === "clique", "wrong_form", `There is no rule ${rule}.`);
    eras = list(exactly(finality, "trust.finality", "rule eras").eras, "eras").map(readEra);
    eras.sort((one, two) => (one.from < two.from ? -1 : 1));
  }
  const contracts = new Map();
  for (const [name, each] of Object.entries(object(fields.contracts, "trust.contracts"))) {
    const said = exactly(each, name, "address code_hash");
    const address = hexed(said.address, `${name}.address`, 20);
    const codeHash = hex(hexed(said.code_hash, `${name}.code_hash`, 32));
    contracts.set(hex(address), { name, address, codeHash, isCurrency: /^[A-Z]{3}$/.test(name) });
  }
  const named = (name) =>
    [...contracts.values()].find((each) => each.name === name) ??
    invalid("unknown_contract", `The trust file has no contract ${name}.`);
  return {
    chainId: number(fields.chain_id, "trust.chain_id"),
    genesis: hex(hexed(fields.genesis_hash, "trust.genesis_hash", 32)),
    rule,
    pinned,
    contracts,
    sealers: (block) => eras.findLast((era) => era.from <= block)?.sealers ?? new Set(),
    named,
    currency: (code) => {
      const token = named(code);
      require(token.isCurrency, "unknown_contract", `${code} is no currency's token.`);
      return token;
    },
  };
}

function readEra(value) {
  const fields = exactly(value, "era", "from_block sealers");
  const named = list(fields.sealers, "sealers").map((each) => hex(hexed(each, "sealer", 20)));
  const sealers = new Set(named);
  require(named.length > 0 &&
    sealers.size === named.length, "wrong_form", "An era names its sealers, each once.");
  return { from: number(fields.from_block, "era.from_block"), sealers };
}
