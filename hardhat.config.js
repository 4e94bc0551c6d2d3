import { readFileSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "hardhat/config";

const root = import.meta.dirname;
// Two runs at the same time must not share a folder: a second one sets its own.
const output = process.env.HARDHAT_OUTPUT ?? path.join(root, ".cache/hardhat");

// The Python side compiles from the same file, and a test compares the bytecode of both.
const solc = JSON.parse(readFileSync(path.join(root, "contracts/solc.json"), "utf8"));

const compiler = {
  version: solc.version,
  // Compiler downloads are not reachable from every network; the npm package is the same build.
  path: path.join(root, "node_modules/solc/soljson.js"),
  settings: solc.settings,
};

function count(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`${name} must be a whole number above zero, not "${text}"`);
  }
  return value;
}

export default defineConfig({
  paths: {
    sources: "contracts",
    artifacts: path.join(output, "artifacts"),
    cache: path.join(output, "cache"),
    tests: { solidity: "tests/solidity" },
  },
  solidity: {
    profiles: {
      default: { compilers: [compiler] },
      production: { compilers: [compiler], isolated: true },
    },
    npmFilesToBuild: Object.entries(solc.dependencies).flatMap(([name, files]) =>
      files.map((file) => `${name}/${file}`),
    ),
  },
  test: {
    solidity: {
      // The usual run takes about two minutes. `FUZZ_RUNS=20000 INVARIANT_RUNS=500 make test-solidity` is a long one, of
      // 100,000 calls for each invariant.
      fuzz: {
        runs: count("FUZZ_RUNS", 256),
        failurePersistDir: ".cache/fuzz",
        ...(process.env.FUZZ_SEED ? { seed: process.env.FUZZ_SEED } : {}),
      },
      invariant: {
        runs: count("INVARIANT_RUNS", 48),
        depth: count("INVARIANT_DEPTH", 200),
        failurePersistDir: ".cache/invariant",
        // A handler that reverts explores nothing, so a run full of reverts would prove nothing.
        failOnRevert: true,
      },
    },
  },
});
