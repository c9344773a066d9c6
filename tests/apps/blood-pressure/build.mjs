// Builds the app into target/apps/<name>/bundle.zip, the same bytes every time.
// The twin with planted faults is built from the same source: see src/choices.js.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { zip } from "./zip.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "../../..");
const SHARED = join(ROOT, "src/demo/apps/shared");

/** Builds one variant and gives the path of its bundle. */
export async function build(name, { faulty }) {
  const out = join(ROOT, "target/apps", name);
  const site = join(out, "site");
  await rm(out, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  await bundle({
    absWorkingDir: HERE,
    entryPoints: ["src/index.js", "src/launch.js"],
    outdir: site,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "eof",
    alias: { shared: SHARED, "isomorphic-webcrypto": "./src/no-fallback.js" },
    define: { FAULTY: String(faulty), FHIRCLIENT_PURE: "true", "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  for (const file of await readdir(join(HERE, "public"))) await copyFile(join(HERE, "public", file), join(site, file));
  await copyFile(join(SHARED, "style.css"), join(site, "style.css"));

  const files = (await readdir(site)).sort();
  const entries = await Promise.all(files.map(async (path) => ({ path, bytes: await readFile(join(site, path)) })));
  await writeFile(join(out, "bundle.zip"), zip(entries));
  return join(out, "bundle.zip");
}

await build("blood-pressure", { faulty: false });
await build("blood-pressure-faulty", { faulty: true });
