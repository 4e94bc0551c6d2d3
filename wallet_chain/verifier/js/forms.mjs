// The one form in which a bundle may be written (docs/bundles.md), and what ends a verification.

export const SIZE_MAX = 64 * 2 ** 20;
const DEPTH_MAX = 8;
const ALPHABET = /^[0-9A-Za-z/_\-{}[\],:"]*$/;
const TEXT = /^[0-9A-Za-z/_-]*$/;
const HEX = /^0x(?:[0-9a-f]{2})*$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

/** A verdict other than VALID, with a stable code. */
export class Finding extends Error {
  constructor(verdict, code, detail) {
    super(detail);
    this.verdict = verdict;
    this.code = code;
  }
}

export function invalid(code, detail) {
  throw new Finding("INVALID", code, detail);
}

export function unproven(code, detail) {
  throw new Finding("UNPROVEN", code, detail);
}

export function require(holds, code, detail) {
  if (!holds) invalid(code, detail);
}

/** The value in a bundle's bytes, which have to be in the canonical form. */
export function parse(bytes) {
  require(bytes.length <= SIZE_MAX, "too_large", "The file is larger than any bundle.");
  const text = new TextDecoder("latin1").decode(bytes);
  require(ALPHABET.test(text) &&
    depth(text) <=
      DEPTH_MAX, "not_canonical", "The file holds characters or nesting that no bundle has.");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    invalid("not_json", "The file is not JSON; it may have been cut off.");
  }
  onlyTexts(value);
  require(written(value) ===
    text, "not_canonical", "The file is not written in its one canonical form.");
  return value;
}

function depth(text) {
  let now = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    now += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, now);
  }
  return deepest;
}

function onlyTexts(value) {
  if (Array.isArray(value)) value.forEach(onlyTexts);
  else if (isObject(value)) Object.entries(value).flat().forEach(onlyTexts);
  else
    require(typeof value === "string" &&
      TEXT.test(value), "not_canonical", "Every value is a string, a list or an object.");
}

function written(value) {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `"${name}":${written(value[name])}`).join(",")}}`;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function object(value, where) {
  require(isObject(value), "wrong_form", `${where} is not an object.`);
  return value;
}

export function list(value, where) {
  require(Array.isArray(value), "wrong_form", `${where} is not a list.`);
  return value;
}

/** An object with these fields (words in one string) and no others. */
export function exactly(value, where, needed, optional = "") {
  const found = new Set(Object.keys(object(value, where)));
  const must = needed.split(" ");
  const may = new Set([...must, ...optional.split(" ")]);
  require(must.every((name) => found.has(name)) &&
    [...found].every((name) =>
      may.has(name),
    ), "wrong_form", `${where} has to have the fields ${needed}.`);
  return value;
}

export function text(value, where) {
  require(typeof value === "string", "wrong_form", `${where} is not a string.`);
  return value;
}

/** A decimal number, as a BigInt. */
export function number(value, where) {
  require(DECIMAL.test(text(value, where)), "wrong_form", `${where} is no number.`);
  return BigInt(value);
}

/** Bytes in hex, as bytes. */
export function hexed(value, where, size) {
  require(HEX.test(text(value, where)), "wrong_form", `${where} is not hex.`);
  const bytes = new Uint8Array((value.length - 2) / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = parseInt(value.slice(2 + 2 * at, 4 + 2 * at), 16);
  }
  require(size === undefined ||
    bytes.length === size, "wrong_form", `${where} has not ${size} bytes.`);
  return bytes;
}

export function hex(bytes) {
  let digits = "0x";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return digits;
}

/** Bytes as a number, big endian. */
export const toNumber = (bytes) => (bytes.length === 0 ? 0n : BigInt(hex(bytes)));

/** A number as 32 bytes. */
export const word = (value) => hexed(`0x${value.toString(16).padStart(64, "0")}`, "word", 32);

export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
