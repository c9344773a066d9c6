// A plain table with a caption, reachable by keyboard when it is wider than the screen.

import { el } from "./dom.js";

/**
 * @param {string} caption
 * @param {string[]} headings
 * @param {(string | Node)[][]} rows the first cell of each row names the row
 */
export function table(caption, headings, rows) {
  const head = el("tr", {}, ...headings.map((heading) => el("th", { scope: "col" }, heading)));
  const body = rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell))));
  return el(
    "div",
    { class: "table", role: "region", tabindex: "0", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, ...body)),
  );
}
