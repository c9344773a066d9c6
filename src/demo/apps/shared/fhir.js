// What the apps need of FHIR R4: a person's name, dates as people write them, and whether a
// resource may be taken at its word.

const SHORT_DATE = new Intl.DateTimeFormat("nb-NO", { day: "numeric", month: "short", year: "numeric", timeZone: "Europe/Oslo" });
const LONG_DATE = new Intl.DateTimeFormat("nb-NO", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Oslo" });
const TIME_OF_DAY = new Intl.DateTimeFormat("nb-NO", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Oslo" });

/** A patient's name, the official one first. */
export function nameOf(patient) {
  const names = patient.name ?? [];
  const name = names.find(({ use }) => use === "official") ?? names.find(({ use }) => use !== "old") ?? names[0];
  if (!name) return "Navn mangler";
  return name.text || [...(name.given ?? []), name.family].filter(Boolean).join(" ") || "Navn mangler";
}

/** A FHIR date in words, as exact as it is: a year, a month and year, or a day. */
export function dateInWords(date) {
  if (!date) return "ukjent";
  if (/^\d{4}$/.test(date)) return date;
  if (/^\d{4}-\d{2}$/.test(date)) {
    return new Intl.DateTimeFormat("nb-NO", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${date}-01`));
  }
  return LONG_DATE.format(new Date(date));
}

/** A short date for axes and tables. */
export const shortDate = (time) => SHORT_DATE.format(time);

/** When something happened, with the time of day if the record has it. */
export function momentInWords({ time, exact }) {
  return exact ? `${SHORT_DATE.format(time)} kl. ${TIME_OF_DAY.format(time).replace(":", ".")}` : SHORT_DATE.format(time);
}

/** When an observation was made, or null when the record does not say. */
export function momentOf(observation) {
  const text = observation.effectiveDateTime ?? observation.effectiveInstant ?? observation.effectivePeriod?.start;
  const time = new Date(text ?? "");
  return Number.isNaN(time.getTime()) ? null : { time, exact: text.includes("T") };
}

/** Whether a concept has a code. */
export function hasCode(concept, system, code) {
  return (concept?.coding ?? []).some((coding) => coding.system === system && coding.code === code);
}

/** A concept in words. */
export function inWords(concept) {
  return concept?.text || concept?.coding?.find(({ display }) => display)?.display || concept?.coding?.[0]?.code || "Uten navn";
}

/**
 * Sorts resources by whether they may be shown: withdrawn ones are left out, and those with a
 * modifier that we do not know are counted, because they may mean the opposite of what they say.
 */
export function trusted(resources) {
  const withdrawn = new Set(["entered-in-error", "cancelled"]);
  const current = resources.filter(({ status }) => !withdrawn.has(status));
  const readable = current.filter(({ modifierExtension }) => !modifierExtension?.length);
  return { readable, unread: current.length - readable.length };
}

export const LOINC = "http://loinc.org";
