// Names every platform's native package in package-lock.json, also those npm could not look up.
//
// A registry mirror may carry the builds of some platforms only. npm then leaves the others out of
// the lock file, and `npm ci` refuses that file on every machine. An entry added here has a version
// but no hash; the platforms this file was written on keep theirs.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const file = path.join(
  path.dirname(path.dirname(fileURLToPath(import.meta.url))),
  "package-lock.json",
);
const lock = JSON.parse(readFileSync(file, "utf8"));
const nativeName =
  /-(?<os>linux|darwin|win32)-(?<cpu>x64|amd64|arm64)(?:-(?<libc>gnu|musl))?(?:-msvc)?$/;

for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    const native = nativeName.exec(name)?.groups;
    if (lock.packages[key] !== undefined || native === undefined) continue;
    lock.packages[key] = {
      version,
      cpu: [native.cpu === "amd64" ? "x64" : native.cpu],
      dev: true,
      optional: true,
      os: [native.os],
      ...(native.libc && { libc: [native.libc === "gnu" ? "glibc" : "musl"] }),
    };
    console.error(`${name}@${version}: locked by version, its hash is not known here`);
  }
}

const root = lock.packages[""];
delete lock.packages[""];
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = { "": root, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
