// Bundles the verifier for the page /audit into one file, or with --check says whether it is stale.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, "api", "web", "verifier.js");
const notice =
  "/* Wallet Chain's verifier, Apache-2.0, from wallet_chain/verifier/js/ by `make page-verifier`." +
  " Contains @noble/hashes and @noble/curves, MIT, (c) Paul Miller (paulmillr.com);" +
  " @ethereumjs/rlp, MPL-2.0, github.com/ethereumjs/ethereumjs-monorepo. */";

const { outputFiles } = buildSync({
  absWorkingDir: root,
  entryPoints: ["wallet_chain/verifier/js/verifier.mjs"],
  bundle: true,
  format: "esm",
  minify: true,
  legalComments: "none",
  target: "es2022",
  banner: { js: notice },
  write: false,
});
const made = outputFiles[0].text;
if (!process.argv.includes("--check")) {
  writeFileSync(target, made);
} else if (readFileSync(target, "utf8") !== made) {
  console.error("api/web/verifier.js is stale: run `make page-verifier`");
  process.exitCode = 1;
}
