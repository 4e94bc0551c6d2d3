// node wallet_chain/verifier/js/cli.mjs FILE --trust trust.json
//
// The exit codes are those of `wallet-chain verify-bundle`. With --lines it reads one bundle a line from
// standard input, in hex, and answers each with its report as a line of JSON.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Finding, readTrust, verify } from "./verifier.mjs";

const EXIT_CODES = { VALID: 0, INVALID: 1, UNPROVEN: 3 };
const [file, option, trustFile] = process.argv.slice(2);

async function main() {
  if (option !== "--trust" || trustFile === undefined) {
    console.error("usage: node wallet_chain/verifier/js/cli.mjs FILE --trust trust.json");
    return 2;
  }
  let trust;
  let bytes;
  try {
    trust = readTrust(JSON.parse(readFileSync(trustFile, "utf8")));
    if (file !== "--lines") bytes = readFileSync(file);
  } catch (error) {
    if (!(error instanceof Finding || error instanceof SyntaxError || error.code)) throw error;
    console.error(error.message);
    return 2;
  }
  if (file !== "--lines") {
    const report = verify(new Uint8Array(bytes), trust);
    console.log(JSON.stringify(report, null, 2));
    return EXIT_CODES[report.verdict];
  }
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(verify(new Uint8Array(Buffer.from(line, "hex")), trust)));
  }
  return 0;
}

process.exitCode = await main();
