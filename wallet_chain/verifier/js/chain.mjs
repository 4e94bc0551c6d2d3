// Blocks, tries and seals: everything answered here was proven first (docs/bundles.md).

import { RLP } from "@ethereumjs/rlp";
import { secp256k1 } from "@noble/curves/secp256k1";
import { keccak_256 } from "@noble/hashes/sha3";
import { exactly, hex, hexed, invalid, join, list, require, toNumber, unproven } from "./forms.mjs";

export const keccak = (bytes) => keccak_256(bytes);
const same = (one, two) => hex(one) === hex(two);
const EMPTY = new Uint8Array();
const EMPTY_ROOT = keccak(Uint8Array.of(0x80));
const BFT_MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";
const DEPTH_MAX = 16;
const ORDER = secp256k1.CURVE.n;
const [EXTRA, MIX_HASH, SEAL] = [12, 13, 65];

// --- RLP: what is decoded has to encode to the same bytes again -------------------------------------

export function decode(bytes) {
  let item;
  try {
    item = RLP.decode(bytes);
    require(deep(item) <= DEPTH_MAX &&
      same(RLP.encode(item), bytes), "bad_rlp", "An item is not in its one encoding.");
  } catch (error) {
    invalid("bad_rlp", error.message);
  }
  return item;
}

function deep(item) {
  return item instanceof Uint8Array
    ? 0
    : item.reduce((most, part) => Math.max(most, 1 + deep(part)), 0);
}

export function items(item) {
  require(Array.isArray(item), "bad_rlp", "A list was expected, and a string is there.");
  return item;
}

export function string(item, size) {
  require(item instanceof Uint8Array &&
    (size === undefined ||
      item.length === size), "bad_rlp", "A string of another length was expected.");
  return item;
}

export function scalar(item) {
  const bytes = string(item);
  require(bytes.length <= 32 &&
    bytes[0] !== 0, "bad_rlp", "A number has leading zeros or is too large.");
  return toNumber(bytes);
}

const numeral = (value) => {
  const digits = value.toString(16);
  return value === 0n
    ? EMPTY
    : hexed(`0x${digits.padStart(digits.length + (digits.length % 2), "0")}`, "");
};

/** The address that signed. */
function recover(digest, r, s, parity) {
  require(r > 0n &&
    r < ORDER &&
    s > 0n &&
    s < ORDER &&
    (parity === 0n || parity === 1n), "bad_signature", "A signature's numbers are out of range.");
  try {
    const signature = new secp256k1.Signature(r, s).addRecoveryBit(Number(parity));
    const key = signature.recoverPublicKey(digest).toRawBytes(false);
    return keccak(key.subarray(1)).subarray(12);
  } catch {
    return invalid("bad_signature", "A signature fits no key.");
  }
}

// --- tries ----------------------------------------------------------------------------------------

/** Tries whose nodes a bundle brings in one list; only their roots are believed. */
class Tries {
  constructor(nodes, where) {
    Object.assign(this, { nodes, where, next: 0, known: new Map() });
  }

  /** The value under a key; null when the trie with this root provably has none. */
  get(root, key) {
    if (same(root, EMPTY_ROOT)) return null;
    let path = hex(key).slice(2);
    let node = this.node(root);
    for (;;) {
      let reference;
      if (node.length === 17) {
        if (path === "") {
          const value = string(node[16]);
          return value.length > 0 ? value : null;
        }
        reference = node[parseInt(path[0], 16)];
        path = path.slice(1);
      } else {
        require(node.length === 2, "bad_node", `${this.where}: a node has no form.`);
        const [isLeaf, part] = this.path(string(node[0]));
        if (isLeaf) return part === path ? string(node[1]) : null;
        require(part !== "", "bad_node", `${this.where}: an extension is empty.`);
        if (!path.startsWith(part)) return null;
        path = path.slice(part.length);
        reference = node[1];
      }
      if (reference instanceof Uint8Array && reference.length === 0) return null;
      node = this.node(reference);
    }
  }

  finish() {
    require(this.next ===
      this.nodes.length, "unused_evidence", `${this.where}: nodes are there that nothing needs.`);
  }

  node(reference) {
    if (Array.isArray(reference)) {
      require(RLP.encode(reference).length <
        32, "bad_node", `${this.where}: a node stands where its hash belongs.`);
      return reference;
    }
    const name = hex(string(reference, 32));
    if (!this.known.has(name)) {
      if (this.next === this.nodes.length) {
        unproven("node_missing", `${this.where}: a node of the proof is missing.`);
      }
      const node = this.nodes[this.next++];
      require(hex(keccak(node)) ===
        name, "wrong_node", `${this.where}: a node is not the one that belongs here.`);
      this.known.set(name, items(decode(node)));
    }
    return this.known.get(name);
  }

  /** Whether a node is a leaf, and its nibbles. */
  path(encoded) {
    const digits = hex(encoded).slice(2);
    require(/^(?:[13]|00|20)/.test(digits), "bad_node", `${this.where}: a path has no form.`);
    return [digits[0] >= "2", digits.slice("13".includes(digits[0]) ? 1 : 2)];
  }
}

// --- headers --------------------------------------------------------------------------------------

function readHeader(encoded, rule) {
  const fields = items(decode(encoded));
  require(fields.length >= 15 &&
    fields.length <= 21, "bad_header", "A header has 15 to 21 fields.");
  for (const at of [0, 3, 4, 5, MIX_HASH]) string(fields[at], 32);
  const header = {
    fields,
    number: scalar(fields[8]),
    hash: keccak(encoded),
    parent: fields[0],
    state: fields[3],
    transactions: fields[4],
    receipts: fields[5],
  };
  if (rule === "qbft" && header.number > 0n) {
    require(hex(fields[MIX_HASH]) === BFT_MIX_HASH, "bad_header", "A block is not of QBFT.");
    header.hash = hashWith(fields, unsealed(fields, false));
  }
  header.time = scalar(fields[11]);
  return header;
}

/** QBFT's extra data without seals, as they sign it, or as the block's hash covers it. */
function unsealed(fields, keepRound) {
  const parts = items(decode(string(fields[EXTRA])));
  require(parts.length === 5, "bad_header", "A block has no extra data of QBFT.");
  scalar(parts[3]);
  return RLP.encode([...parts.slice(0, 3), keepRound ? parts[3] : EMPTY, []]);
}

const hashWith = (fields, extra) =>
  keccak(RLP.encode([...fields.slice(0, EXTRA), extra, ...fields.slice(MIX_HASH)]));

function signerOf(digest, seal) {
  try {
    const [r, s] = [toNumber(seal.subarray(0, 32)), toNumber(seal.subarray(32, 64))];
    return hex(recover(digest, r, s, BigInt(seal[64])));
  } catch {
    return invalid("untrusted_seal", "A block's seal is no signature.");
  }
}

/** Throws unless every block is final by the rule of the trust file; answers with the reason. */
export function requireFinal(headers, trust) {
  if (trust.rule === "pinned") return requirePinned(headers, trust);
  let fewest = 0;
  for (const header of headers.values()) {
    const sealers = trust.sealers(header.number);
    if (sealers.size === 0) unproven("no_sealers", "The trust file names no sealers of a block.");
    if (header.number === 0n) {
      require(hex(header.hash) === trust.genesis, "other_chain", "Block 0 is another one.");
    } else if (trust.rule === "clique") requireClique(header, sealers);
    else {
      const count = requireQbft(header, sealers);
      fewest = Math.min(fewest || count, count);
    }
  }
  return trust.rule === "clique"
    ? "each block is signed by one trusted signer (Clique), which is no finality: CLIQUE-TRUST"
    : `each block is sealed by a quorum of the trusted validators (QBFT), at least ${fewest}`;
}

function requirePinned(headers, trust) {
  let above = null;
  for (const header of [...headers.values()].reverse()) {
    const pinned = trust.pinned.get(header.number);
    require((pinned ?? hex(header.hash)) ===
      hex(header.hash), "other_chain", `Block ${header.number} is not the pinned one.`);
    if (pinned === undefined) {
      if (above === null || above.number !== header.number + 1n) {
        unproven(
          "not_pinned",
          `Block ${header.number} is neither pinned nor linked to a pinned block.`,
        );
      }
      require(same(
        above.parent,
        header.hash,
      ), "broken_link", `Block ${header.number} is not the parent of the next one.`);
    }
    above = header;
  }
  return "each block is pinned in the trust file or an ancestor of one that is: DEV-TRUST";
}

function requireClique(header, sealers) {
  const extra = string(header.fields[EXTRA]);
  require(extra.length >= 32 + SEAL, "bad_header", "A block has no Clique seal.");
  const digest = hashWith(header.fields, extra.subarray(0, extra.length - SEAL));
  require(sealers.has(
    signerOf(digest, extra.subarray(extra.length - SEAL)),
  ), "untrusted_seal", `Block ${header.number}: a stranger signed it.`);
}

function requireQbft(header, sealers) {
  const extra = items(decode(string(header.fields[EXTRA])));
  const named = new Set(items(extra[1]).map((each) => hex(string(each, 20))));
  const agrees = named.size === sealers.size && [...named].every((each) => sealers.has(each));
  if (named.size > 0 && !agrees) {
    unproven(
      "other_validators",
      `Block ${header.number} has validators that the trust file lacks.`,
    );
  }
  const digest = hashWith(header.fields, unsealed(header.fields, true));
  const seals = items(extra[4]).map((seal) => string(seal, SEAL));
  const signers = seals.map((seal) => signerOf(digest, seal));
  require(new Set(signers).size ===
    signers.length, "duplicate_seal", "One validator sealed twice.");
  require(signers.every((each) =>
    sealers.has(each),
  ), "untrusted_seal", "A stranger sealed a block.");
  const quorum = Math.ceil((2 * sealers.size) / 3);
  require(signers.length >= quorum, "too_few_seals", `${signers.length} seals of ${quorum}.`);
  return signers.length;
}

// --- evidence -------------------------------------------------------------------------------------

export class Evidence {
  constructor(blocks, trust) {
    Object.assign(this, { trust, headers: new Map(), brought: new Map(), read: new Map() });
    Object.assign(this, { receipts: new Map(), storageRoots: new Map() });
    let last = -1n;
    for (const each of list(blocks, "blocks")) {
      const block = exactly(each, "block", "header", "receipts transactions state storage");
      const header = readHeader(hexed(block.header, "header"), trust.rule);
      require(header.number > last, "not_in_order", "The blocks do not ascend.");
      last = header.number;
      this.headers.set(last, header);
      this.brought.set(last, block);
    }
  }

  header(number) {
    if (!this.headers.has(number))
      unproven("block_missing", `Block ${number} is not in the bundle.`);
    return this.headers.get(number);
  }

  logs(block, index) {
    const name = `${block}/${index}`;
    if (!this.receipts.has(name))
      this.receipts.set(name, logsOf(this.indexed(block, "receipts", index)));
    return this.receipts.get(name);
  }

  transaction(block, index) {
    return transactionOf(this.indexed(block, "transactions", index), this.trust.chainId);
  }

  /** The contract has the trusted code at the end of a block. */
  requireCode(block, contract) {
    const root = this.header(block).state;
    const leaf = this.tries(block, "state").get(root, keccak(contract.address));
    require(leaf !== null, "no_contract", `${contract.name} is not there at block ${block}.`);
    const account = items(decode(leaf));
    require(account.length === 4, "bad_node", "An account in the state has no form.");
    require(hex(string(account[3], 32)) ===
      contract.codeHash, "other_code", `${contract.name} has other code than what is trusted.`);
    this.storageRoots.set(placeOf(block, contract), string(account[2], 32));
  }

  /** What a contract stores at a place at the end of a block; nothing is 0. */
  slot(block, contract, place) {
    const at = placeOf(block, contract);
    if (!this.storageRoots.has(at)) this.requireCode(block, contract);
    const value = this.tries(block, "storage").get(this.storageRoots.get(at), keccak(place));
    return value === null ? 0n : scalar(decode(value));
  }

  finish() {
    for (const [number, block] of this.brought) {
      for (const kind of Object.keys(block).filter((name) => name !== "header")) {
        require(this.read.has(`${number}/${kind}`) &&
          block[kind].length > 0, "unused_evidence", `Block ${number} brings ${kind} for nothing.`);
      }
    }
    for (const tries of this.read.values()) tries.finish();
  }

  indexed(block, kind, index) {
    const root = this.header(block)[kind];
    const found = this.tries(block, kind).get(root, RLP.encode(numeral(index)));
    require(found !== null, "no_such_place", `Block ${block} has no ${kind} ${index}.`);
    return found;
  }

  tries(block, kind) {
    const name = `${block}/${kind}`;
    if (!this.read.has(name)) {
      const nodes = list(this.brought.get(block)[kind] ?? [], name);
      const read = nodes.map((node) => hexed(node, name));
      this.read.set(name, new Tries(read, `${kind} of block ${block}`));
    }
    return this.read.get(name);
  }
}

const placeOf = (block, contract) => `${block}/${hex(contract.address)}`;

/** The type of EIP-2718, 0 for a legacy one, and the RLP after it. */
function typed(bytes) {
  require(bytes.length > 0, "bad_rlp", "A transaction or receipt is empty.");
  return bytes[0] < 0x80 ? [bytes[0], bytes.subarray(1)] : [0, bytes];
}

function logsOf(receipt) {
  const [kind, body] = typed(receipt);
  const parts = items(decode(body));
  require(kind <= 4 && parts.length === 4, "bad_receipt", "A receipt has no form.");
  scalar(parts[1]);
  string(parts[2], 256);
  require(scalar(parts[0]) === 1n, "transaction_failed", "The transaction did not succeed.");
  return items(parts[3]).map((entry) => {
    require(items(entry).length === 3, "bad_receipt", "A log has no form.");
    const topics = items(entry[1]).map((topic) => hex(string(topic, 32)));
    return { address: hex(string(entry[0], 20)), topics, data: string(entry[2]) };
  });
}

// Type -> number of fields, and position of the receiver.
const FIELDS = { 0: [9, 3], 1: [11, 4], 2: [12, 5], 3: [14, 5], 4: [13, 5] };

function transactionOf(raw, chainId) {
  const [kind, body] = typed(raw);
  const fields = items(decode(body));
  require(FIELDS[kind]?.[0] ===
    fields.length, "bad_transaction", "A transaction has no form that is known.");
  const [v, r, s] = fields.slice(-3).map(scalar);
  let [signedFor, parity, payload] = [0n, v, null];
  if (kind === 0) {
    if (v === 27n || v === 28n) unproven("no_chain", "The transaction names no chain.");
    [signedFor, parity] = v >= 35n ? [(v - 35n) / 2n, (v - 35n) % 2n] : [-1n, 0n];
    payload = RLP.encode([...fields.slice(0, -3), numeral(chainId), EMPTY, EMPTY]);
  } else {
    signedFor = scalar(fields[0]);
    payload = join(Uint8Array.of(kind), RLP.encode(fields.slice(0, -3)));
  }
  require(signedFor === chainId, "other_chain", "The transaction is for another chain.");
  require(s <= ORDER / 2n, "bad_signature", "The transaction's signature has a high s (EIP-2).");
  const to = string(fields[FIELDS[kind][1]]);
  require(to.length === 0 || to.length === 20, "bad_transaction", "A receiver has no form.");
  return {
    hash: hex(keccak(raw)),
    sender: hex(recover(keccak(payload), r, s, parity)),
    to: hex(to),
  };
}
