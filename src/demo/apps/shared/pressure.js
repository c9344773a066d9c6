// Blood pressure: from Observations with the LOINC panel 85354-9 to a chart and a table.

import { lineChart } from "./chart.js";
import { LOINC, hasCode, momentInWords, momentOf, trusted } from "./fhir.js";
import { notice } from "./page.js";
import { table } from "./table.js";

/** The search for blood pressure measurements, without the patient. */
export const PRESSURE_QUERY = { code: `${LOINC}|85354-9`, _count: "100" };

const SYSTOLIC = "8480-6";
const DIASTOLIC = "8462-4";

/** The measurements of a search, newest first, and how many could not be read. */
export function measurements(resources) {
  const { readable, unread } = trusted(resources);
  const rows = readable.map((resource) => ({
    moment: momentOf(resource),
    systolic: component(resource, SYSTOLIC),
    diastolic: component(resource, DIASTOLIC),
    preliminary: resource.status === "preliminary" || resource.status === "registered",
  }));
  const dated = rows.filter(({ moment }) => moment).sort((a, b) => b.moment.time - a.moment.time);
  return { rows: dated, unread: unread + rows.length - dated.length };
}

/** What the page shows of a search for blood pressures. */
export function pressureView({ resources, complete }) {
  const { rows, unread } = measurements(resources);
  const remarks = [
    complete ? null : notice("Journalen har flere målinger enn appen viser."),
    unread ? notice(`${unread === 1 ? "1 måling" : `${unread} målinger`} i journalen lot seg ikke tolke og er utelatt. Se journalen.`) : null,
  ];
  if (rows.length === 0) {
    return { summary: unread ? "Ingen målinger kan vises." : "Ingen blodtrykksmålinger er registrert i journalen.", nodes: remarks };
  }
  const count = rows.length === 1 ? "1 måling" : `${rows.length} målinger`;
  const latest = `Siste måling ${momentInWords(rows[0].moment)}: ${inMillimetres(rows[0])}.`;
  return { summary: `${count}. ${latest}`, nodes: [...remarks, pressureChart(rows, latest), pressureTable(rows)] };
}

function pressureChart(rows, latest) {
  const series = (name, mark, part) => ({
    name,
    mark,
    points: rows.map((row) => ({ time: row.moment.time, value: row[part] })).reverse(),
  });
  const chart = {
    title: "Blodtrykk over tid",
    description: `${latest} Alle verdiene står i tabellen under.`,
    series: [series("Overtrykk", "circle", "systolic"), series("Undertrykk", "square", "diastolic")],
    step: 20,
  };
  return rows.some(({ systolic, diastolic }) => systolic !== null || diastolic !== null) ? lineChart(chart) : null;
}

function pressureTable(rows) {
  return table(
    "Blodtrykk i mmHg, nyeste først",
    ["Tidspunkt", "Overtrykk", "Undertrykk"],
    rows.map((row) => [momentInWords(row.moment) + (row.preliminary ? " (foreløpig)" : ""), number(row.systolic), number(row.diastolic)]),
  );
}

function component(resource, code) {
  const quantity = (resource.component ?? []).find((part) => hasCode(part.code, LOINC, code))?.valueQuantity;
  const inUnit = quantity?.code === "mm[Hg]" || quantity?.unit === "mm[Hg]" || quantity?.unit === "mmHg";
  return inUnit && Number.isFinite(quantity.value) && !quantity.comparator ? quantity.value : null;
}

// A missing value is unknown. It is never left out and never shown as a number.
function number(value) {
  return value === null ? "ukjent" : value.toLocaleString("nb-NO", { maximumFractionDigits: 0 });
}

function inMillimetres({ systolic, diastolic }) {
  return `${number(systolic)} over ${number(diastolic)} mmHg`;
}
