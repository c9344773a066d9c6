// A line chart over time as SVG, drawn at the width it has, so that its text never shrinks. The
// chart is one picture with a name and a description; the table beside it holds every value.

import { el, svg } from "./dom.js";
import { shortDate } from "./fhir.js";

const TALL = 260;
const MARGIN = { top: 16, right: 16, bottom: 32, left: 40 };
const MARKS = { circle, square, diamond };

/**
 * @param {object} chart
 * @param {string} chart.title names the picture
 * @param {string} chart.description what it shows, for those who do not see it
 * @param {{name: string, mark: "circle"|"square"|"diamond", points: {time: Date, value: number|null}[]}[]} chart.series
 *   in order of time; a value that is not known breaks the line
 * @param {{low?: number, high?: number}} [chart.band] a reference interval to shade
 * @param {number} [chart.step] the least distance between two grid lines
 * @param {number} [chart.height] in pixels
 */
export function lineChart(chart) {
  const frame = el("div", { class: "chart" });
  const legend = chart.series.length > 1 ? el("ul", { class: "legend" }, ...chart.series.map(legendEntry)) : null;
  const figure = el("figure", {}, legend, frame);
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0) frame.replaceChildren(draw(chart, Math.floor(contentRect.width)));
  }).observe(frame);
  return figure;
}

function draw(chart, width) {
  const height = chart.height ?? TALL;
  const points = chart.series.flatMap((series) => series.points);
  const x = timeScale(points, width);
  const y = valueScale(points.filter(({ value }) => value !== null), height, chart);
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${chart.title}. ${chart.description}` },
    band(chart.band, y, width),
    ...y.ticks.map((tick) => gridLine(tick, y, width)),
    ...x.ticks.map((tick) => timeLabel(tick, x, height)),
    ...chart.series.map((series, index) => line(series, index, x, y)),
  );
}

function timeScale(points, width) {
  const times = points.map(({ time }) => time.getTime());
  const first = Math.min(...times);
  const last = Math.max(...times);
  const room = width - MARGIN.left - MARGIN.right;
  const at = (time) => MARGIN.left + (last === first ? room / 2 : ((time - first) / (last - first)) * room);
  const count = last === first ? 1 : Math.max(2, Math.min(6, Math.floor(room / 130)));
  const ticks = Array.from({ length: count }, (_, index) => (count === 1 ? first : first + ((last - first) * index) / (count - 1)));
  return { at, ticks, end: width - MARGIN.right };
}

function valueScale(points, height, { band: limits = {}, step = 0 }) {
  const values = points.map(({ value }) => value).concat([limits.low, limits.high].filter((limit) => limit !== undefined));
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  const distance = Math.max(step, niceStep((highest - lowest) / (height / 60) || Math.abs(highest) / 4 || 1));
  const low = Math.floor(lowest / distance) * distance;
  const high = Math.max(Math.ceil(highest / distance) * distance, low + distance);
  const room = height - MARGIN.top - MARGIN.bottom;
  const count = Math.round((high - low) / distance);
  return {
    at: (value) => MARGIN.top + room - ((value - low) / (high - low)) * room,
    ticks: Array.from({ length: count + 1 }, (_, index) => low + index * distance),
    bottom: height - MARGIN.bottom,
    decimals: distance >= 1 ? 0 : Math.ceil(-Math.log10(distance)),
  };
}

// 1, 2 or 5 times a power of ten, at least `rough`.
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

function band({ low, high } = {}, y, width) {
  if (low === undefined && high === undefined) return null;
  const top = high === undefined ? MARGIN.top : y.at(high);
  const bottom = low === undefined ? y.bottom : y.at(low);
  return svg("rect", { class: "band", x: MARGIN.left, y: top, width: width - MARGIN.left - MARGIN.right, height: Math.max(0, bottom - top) });
}

function gridLine(value, y, width) {
  const label = value.toLocaleString("nb-NO", { minimumFractionDigits: y.decimals, maximumFractionDigits: y.decimals });
  return svg(
    "g",
    {},
    svg("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y.at(value), y2: y.at(value) }),
    svg("text", { x: MARGIN.left - 8, y: y.at(value) + 5, "text-anchor": "end" }, label),
  );
}

function timeLabel(tick, x, height) {
  const at = x.at(tick);
  const first = x.ticks.length > 1 && tick === x.ticks[0];
  const last = x.ticks.length > 1 && tick === x.ticks.at(-1);
  return svg("text", { x: last ? x.end : first ? MARGIN.left - 8 : at, y: height - 8, "text-anchor": first ? "start" : last ? "end" : "middle" }, shortDate(tick));
}

function line({ points, mark }, index, x, y) {
  let path = "";
  const marks = [];
  let broken = true;
  for (const { time, value } of points) {
    if (value !== null) {
      const [left, top] = [x.at(time.getTime()), y.at(value)];
      path += `${broken ? "M" : "L"}${left.toFixed(1)} ${top.toFixed(1)}`;
      marks.push(MARKS[mark](left, top));
    }
    broken = value === null;
  }
  return svg("g", { class: `series series-${index + 1}` }, svg("path", { d: path }), ...marks);
}

function legendEntry({ name, mark }, index) {
  const sample = svg("svg", { width: 28, height: 14, "aria-hidden": "true" }, svg("g", { class: `series series-${index + 1}` }, svg("path", { d: "M0 7L28 7" }), MARKS[mark](14, 7)));
  return el("li", {}, sample, name);
}

function circle(x, y) {
  return svg("circle", { cx: x, cy: y, r: 4 });
}

function square(x, y) {
  return svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8 });
}

function diamond(x, y) {
  return svg("path", { class: "mark", d: `M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z` });
}
