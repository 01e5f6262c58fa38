// Builds the pages into static files with compressed twins; core comes from its source, in its browser form (issue 2, D13).
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const compressible = /\.(?:html|js|css)$/;

/** Writes `x.br` and `x.gz` beside each text file, so that a static server sends them without work. */
function compressedTwins(): Plugin {
  let directory = "";
  const compress = async (name: string): Promise<void> => {
    const path = join(directory, name);
    const bytes = await readFile(path);
    await Promise.all([
      promisify(brotliCompress)(bytes).then((packed) => writeFile(`${path}.br`, packed)),
      promisify(gzip)(bytes).then((packed) => writeFile(`${path}.gz`, packed)),
    ]);
  };
  return {
    name: "compressed-twins",
    apply: "build",
    configResolved: (config) => {
      directory = resolve(config.root, config.build.outDir);
    },
    writeBundle: async () => {
      const names = await readdir(directory, { recursive: true });
      await Promise.all(names.filter((name) => compressible.test(name)).map(compress));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), compressedTwins()],
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/evidence", "/policy", "/checkpoint", "/openapi.json"].map((path) => [
        path,
        process.env.MUNIMENT_LEDGER ?? "http://127.0.0.1:8480",
      ]),
    ),
  },
});
