// Builds designsystemet.css and icons.svg from the unpacked npm packages named in README.md.
// Usage: node bundle.mjs NODE_MODULES
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const read = (path) => readFileSync(join(modules, path), "utf8").trim();

const components = [
  "alert", "breadcrumbs", "button", "card", "chip", "details", "divider", "error-summary",
  "field", "fieldset", "heading", "input", "label", "link", "list", "pagination", "paragraph",
  "skip-link", "table", "tag", "validation-message",
];
const css = "@digdir/designsystemet-css/dist";
const parts = [
  "/* Designsystemet: @digdir/designsystemet-css 1.22.0 and its theme, MIT, see LICENSE-designsystemet. */",
  "@layer ds.theme, ds.base, ds.components;",
  read(`${css}/theme/designsystemet.css`),
  `@layer ds.base{${read(`${css}/src/base.css`)}}`,
  `@layer ds.components{${components.map((name) => read(`${css}/src/${name}.css`)).join("\n")}}`,
];
writeFileSync("designsystemet.css", parts.join("\n") + "\n");

const icons = {
  approved: "CheckmarkCircle", warning: "ExclamationmarkTriangle", suspended: "XMarkOctagon",
  clock: "Clock", shield: "ShieldLock", search: "MagnifyingGlass", filter: "Filter",
  clinical: "Stethoscope", buildings: "Buildings3", document: "FileText", puzzle: "PuzzlePiece",
  tasks: "Tasklist", arrow: "ArrowRight", person: "PersonCircle", out: "Leave",
  download: "Download", bug: "Bug", globe: "Globe", minus: "MinusCircle", key: "KeyHorizontal",
  refresh: "ArrowsCirclepath", plus: "Plus", info: "InformationSquare", chevron: "ChevronRight",
};
const symbols = Object.entries(icons).map(([id, file]) => {
  const inner = read(`@navikt/aksel-icons/dist/svg/${file}.svg`)
    .replace(/^<svg[^>]*>/, "").replace(/<\/svg>$/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${id}" viewBox="0 0 24 24" fill="none">${inner}</symbol>`;
});
writeFileSync(
  "icons.svg",
  `<!-- Aksel icons: @navikt/aksel-icons 8.16.2, MIT. -->\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
);
