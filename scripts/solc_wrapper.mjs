#!/usr/bin/env node
// Gives the npm build of solc the command line that py-solc-x expects of a native one.
// solc-js has a command line of its own, but it prints a notice before the JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
const asked = process.argv[2];

if (asked === "--version") {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (asked === "--standard-json") {
  // Every source is in the input: the compiler reads no file, so its output depends on the input only.
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
  console.error("usage: solc_wrapper.mjs --version | --standard-json < input.json");
  process.exitCode = 2;
}
