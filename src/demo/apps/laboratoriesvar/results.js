// Laboratory results: one section for each analysis, with the latest value, its reference
// interval as the laboratory gave it, a chart and every value in a table.

import { lineChart } from "./shared/chart.js";
import { el } from "./shared/dom.js";
import { inWords, momentInWords, momentOf, trusted } from "./shared/fhir.js";
import { notice } from "./shared/page.js";
import { table } from "./shared/table.js";

/** The search for laboratory results, without the patient. */
export const LABORATORY_QUERY = { category: "laboratory", _count: "100" };

/** What the page shows of a search for laboratory results. */
export function laboratoryView({ resources, complete }) {
  const { readable, unread } = trusted(resources);
  const results = readable.map(result);
  const dated = results.filter(({ moment }) => moment);
  const lost = unread + results.length - dated.length;
  const analyses = byAnalysis(dated);
  const nodes = [
    complete ? null : notice("Journalen har flere svar enn appen viser."),
    lost ? notice(`${lost === 1 ? "1 svar" : `${lost} svar`} i journalen lot seg ikke tolke og er utelatt. Se journalen.`) : null,
    ...analyses.map(section),
  ];
  if (dated.length === 0) return { summary: lost ? "Ingen svar kan vises." : "Ingen laboratoriesvar er registrert i journalen.", nodes };
  return { summary: `${dated.length} svar på ${analyses.length === 1 ? "1 analyse" : `${analyses.length} analyser`}.`, nodes };
}

function result(resource) {
  const quantity = resource.valueQuantity;
  const limits = resource.referenceRange?.[0];
  return {
    name: inWords(resource.code),
    moment: momentOf(resource),
    value: Number.isFinite(quantity?.value) && !quantity.comparator ? quantity.value : null,
    unit: quantity?.unit ?? quantity?.code ?? "",
    words: valueInWords(resource),
    low: limits?.low?.value,
    high: limits?.high?.value,
    preliminary: resource.status === "preliminary" || resource.status === "registered",
  };
}

function valueInWords({ valueQuantity, valueString, valueCodeableConcept }) {
  if (Number.isFinite(valueQuantity?.value)) {
    const value = `${valueQuantity.comparator ?? ""}${decimal(valueQuantity.value)}`;
    return `${value} ${valueQuantity.unit ?? valueQuantity.code ?? ""}`.trim();
  }
  return valueString ?? (valueCodeableConcept ? inWords(valueCodeableConcept) : "ukjent");
}

// One unit in one section: values in different units never share a chart.
function byAnalysis(results) {
  const groups = new Map();
  for (const one of results) {
    const key = `${one.name}\u0000${one.unit}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) group.sort((a, b) => b.moment.time - a.moment.time);
  return [...groups.values()].sort((a, b) => a[0].name.localeCompare(b[0].name, "nb"));
}

function section(results) {
  const [latest] = results;
  const points = results.filter(({ value }) => value !== null).map(({ moment, value }) => ({ time: moment.time, value })).reverse();
  const chart =
    points.length > 1
      ? lineChart({
          title: `${latest.name} over tid`,
          description: `Siste svar ${latest.words}, ${momentInWords(latest.moment)}. Alle svarene står i tabellen under.`,
          series: [{ name: latest.name, mark: "circle", points }],
          band: { low: latest.low, high: latest.high },
          height: 150,
        })
      : null;
  return el(
    "section",
    {},
    el("h2", {}, latest.name),
    el("p", {}, el("strong", {}, latest.words), ` ${momentInWords(latest.moment)}. `, placeInWords(latest)),
    chart,
    el("details", {}, el("summary", {}, `Vis ${results.length === 1 ? "svaret" : `alle ${results.length} svar`} i tabell`), resultTable(results)),
  );
}

function resultTable(results) {
  return table(
    `${results[0].name}, nyeste først`,
    ["Tidspunkt", "Svar", "Vurdert mot referanseområdet"],
    results.map((one) => [momentInWords(one.moment) + (one.preliminary ? " (foreløpig)" : ""), one.words, placeInWords(one)]),
  );
}

function placeInWords({ value, low, high }) {
  if (low === undefined && high === undefined) return "Referanseområde er ikke oppgitt.";
  const range = rangeInWords(low, high);
  if (value === null) return `Referanseområde ${range}.`;
  if (low !== undefined && value < low) return `Under referanseområdet (${range}).`;
  if (high !== undefined && value > high) return `Over referanseområdet (${range}).`;
  return `Innenfor referanseområdet (${range}).`;
}

function rangeInWords(low, high) {
  if (low === undefined) return `${decimal(high)} eller lavere`;
  if (high === undefined) return `${decimal(low)} eller høyere`;
  return `${decimal(low)}–${decimal(high)}`;
}

function decimal(value) {
  return value.toLocaleString("nb-NO", { maximumFractionDigits: 3 });
}
