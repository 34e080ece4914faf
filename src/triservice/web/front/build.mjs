// Builds ../static from src/ and node_modules: one style, one module per page script, the typeface.
// A new page script is a file in src/; nothing here needs to change for it.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import * as sass from "sass";

const here = fileURLToPath(new URL(".", import.meta.url));
const src = join(here, "src");
const modules = join(here, "node_modules");
const out = join(here, "..", "static");

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "fonts"), { recursive: true });

const style = await sass.compileAsync(join(src, "triservice.scss"), {
  loadPaths: [modules],
  style: "compressed",
  quietDeps: true,
});
// The design system's own footer would show the Royal Arms. They are not ours to show, and the
// gathering of files for production refuses a style that names a file which is not there.
const css = style.css.replace(/url\("images\/[^"]*"\)/g, "none");
await writeFile(join(out, "triservice.css"), css);

const scripts = (await readdir(src)).filter((name) => name.endsWith(".js"));
await esbuild.build({
  entryPoints: scripts.map((name) => join(src, name)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "eof", // the libraries' licences ask to be kept
  logLevel: "warning",
});

// As they come, without the pointers to source maps that are not there. The worker is a world of its
// own: what seals the prototypes of a page goes before it.
const sealed = await readFile(join(src, "lib", "sealed.js"), "utf8");
for (const [from, to] of [
  ["maplibre-gl/dist/maplibre-gl-worker.mjs", "maplibre-worker.js"],
  ["maplibre-gl/dist/maplibre-gl.css", "maplibre.css"],
]) {
  const text = await readFile(join(modules, from), "utf8");
  const first = to === "maplibre-worker.js" ? sealed : "";
  await writeFile(join(out, to), first + text.replace(/^.*[#@] sourceMappingURL=.*$/gm, ""));
}

const fonts = join(modules, "@fontsource", "atkinson-hyperlegible", "files");
for (const name of await readdir(fonts)) {
  if (/-(latin|latin-ext)-(400|700)-normal\.woff2$/.test(name)) {
    await copyFile(join(fonts, name), join(out, "fonts", name));
  }
}
await copyFile(
  join(fonts, "..", "LICENSE"),
  join(out, "fonts", "atkinson-hyperlegible-LICENSE.txt"),
);
await copyFile(join(src, "triservice.svg"), join(out, "triservice.svg"));
console.log(`built ${scripts.map((name) => basename(name)).join(", ")} and triservice.css`);
