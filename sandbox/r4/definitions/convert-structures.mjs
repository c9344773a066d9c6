// Writes elements.tsv and terminology.tsv.gz from HL7's definitions of FHIR R4 (4.0.1).
//
//   node convert-structures.mjs <folder with profiles-*.json, valuesets.json, v2-tables.json, v3-codesystems.json>
//
// What the lines mean is in README.md. The same input gives the same bytes.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';

const source = process.argv[2];
const target = path.dirname(fileURLToPath(import.meta.url));
const BASE = 'http://hl7.org/fhir/StructureDefinition/';
const entries = (...files) =>
  files.flatMap((f) => JSON.parse(fs.readFileSync(path.join(source, f), 'utf8')).entry.map((e) => e.resource));
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const tidy = (s) => (s ?? '').replace(/\s+/g, ' ').trim();

// The package mixes elements of later FHIR versions, and of its own server, into R4: what R4's own JSON
// schema does not have is left out.
const NOT_R4_TYPES = new Set(['SubscriptionStatus', 'MetadataResource']);
const NOT_R4_RULES = new Set(['evv-1', 'sst-1', 'dom-r4b']);
const NOT_R4_ELEMENTS = [
  /^Meta\.(project|author|onBehalfOf|account|accounts|compartment)$/,
  /^Binary\.url$/,
  /^DeviceDefinition\.(classification|bodySite)(\.|$)/,
  /^ObservationDefinition\.publisher$/,
  /^ResearchStudy\.(name|label|studyDesign|region|descriptionSummary|classifier|associatedParty|progressStatus|whyStopped|recruitment|comparisonGroup|outcomeMeasure|result)(\.|$)/,
  /^ResearchStudy\.objective\.description$/,
  /^EvidenceVariable\.characteristic\./,
];
// R4 (4.0.1), EvidenceVariable.characteristic: the package has the one of R5 in its place.
const EVIDENCE_VARIABLE_CHARACTERISTIC = [
  'el\tdescription\t0\t1\tstring\t\t\t',
  'el\tdefinition[x]\t1\t1\tReference(Group)|canonical(ActivityDefinition)|CodeableConcept|Expression|DataRequirement|TriggerDefinition\t\t\t',
  'el\tusageContext\t0\t*\tUsageContext\t\t\t',
  'el\texclude\t0\t1\tboolean\t\t\t',
  'el\tparticipantEffective[x]\t0\t1\tdateTime|Period|Duration|Timing\t\t\t',
  'el\ttimeFromStart\t0\t1\tDuration\t\t\t',
  'el\tgroupMeasure\t0\t1\tcode\trequired\thttp://hl7.org/fhir/ValueSet/group-measure\t',
];
const isR4 = (p) => !NOT_R4_ELEMENTS.some((r) => r.test(p));

// --- elements -------------------------------------------------------------------------------------
const structures = entries('profiles-types.json', 'profiles-resources.json').filter(
  (r) => r.resourceType === 'StructureDefinition' && !NOT_R4_TYPES.has(r.name),
);
const rootRules = new Map(structures.map((s) => [s.name, new Set((s.snapshot.element[0].constraint ?? []).map((c) => c.key))]));

const tail = (url) => url.slice(url.lastIndexOf('/') + 1);
function typeText(type, elementPath) {
  // The structures say System.String for the three elements that XML writes as attributes.
  const attribute = elementPath === 'Resource.id' ? 'id' : elementPath === 'Extension.url' ? 'uri' : 'System.String';
  const code = type.code.startsWith('http://hl7.org/fhirpath/') ? attribute : type.code;
  if (code === 'Quantity' && type.profile) return tail(type.profile[0]);
  const targets = (type.targetProfile ?? []).map(tail).filter((t) => t !== 'Resource');
  return targets.length ? `${code}(${targets.join(',')})` : code;
}
function bindingText(binding) {
  if (!binding?.valueSet || !['required', 'extensible'].includes(binding.strength)) return '\t';
  return `${binding.strength}\t${binding.valueSet.split('|')[0]}`;
}
// R4's expression says "more than two" where the rule itself, and later versions, say "more than one".
const CORRECTED = { 'que-12': 'enableWhen.count() > 1 implies enableBehavior.exists()' };
const ruleText = (c) =>
  `rule\t${c.key}\t${c.severity}\t${CORRECTED[c.key] ?? tidy(c.expression)}\t${tidy(c.human)}`;

function rulesOf(element, known) {
  return (element.constraint ?? [])
    .filter((c) => c.expression && !known(c.key) && !NOT_R4_RULES.has(c.key))
    .sort((a, b) => byName(a.key, b.key))
    .map(ruleText);
}

function structureLines(s) {
  const lines = [];
  const elements = s.snapshot.element.filter((e) => isR4(e.path));
  const base = s.baseDefinition ? tail(s.baseDefinition) : '';
  const kind = { 'primitive-type': 'primitive', 'complex-type': 'complex', resource: 'resource' }[s.kind];
  const regex = elements
    .find((e) => e.path === `${s.name}.value` && s.kind === 'primitive-type')
    ?.type?.[0]?.extension?.find((x) => x.url.endsWith('/regex'))?.valueString;
  lines.push(`type\t${s.name}\t${kind}\t${base}\t${s.abstract ? 'abstract' : ''}\t${regex ?? ''}`);
  const inherited = rootRules.get(base) ?? new Set();
  lines.push(...rulesOf(elements[0], (k) => inherited.has(k)));
  if (s.kind === 'primitive-type' || s.derivation === 'constraint') return lines;
  const parents = [s.name];
  const owns = (e) => e.path === e.base.path;
  for (const e of elements.slice(1)) {
    if (elements.some((c) => c.path.startsWith(`${e.path}.`))) parents.push(e.path);
  }
  if (s.name === 'EvidenceVariable') parents.push('EvidenceVariable.characteristic');
  for (const parent of parents) {
    const own = elements.find((e) => e.path === parent);
    if (parent !== s.name) {
      lines.push(`type\t${parent}\tbackbone\t${own.type[0].code}\t\t`);
      lines.push(...rulesOf(own, (k) => k === 'ele-1'));
    }
    if (parent === 'EvidenceVariable.characteristic') {
      lines.push(...EVIDENCE_VARIABLE_CHARACTERISTIC);
      continue;
    }
    for (const e of elements) {
      if (e.path.slice(0, e.path.lastIndexOf('.')) !== parent || !owns(e)) continue;
      const nested = parents.includes(e.path);
      const types = nested
        ? e.path
        : e.contentReference
          ? e.contentReference.replace(/^.*#/, '')
          : e.type.map((t) => typeText(t, e.path)).join('|');
      lines.push(`el\t${e.path.slice(parent.length + 1)}\t${e.min}\t${e.max === '1' || e.max === '0' ? e.max : '*'}\t${types}\t${bindingText(e.binding)}\t${e.isSummary ? 's' : ''}`);
      const ofTypes = new Set((e.type ?? []).flatMap((t) => [...(rootRules.get(t.code) ?? []), ...(rootRules.get(typeText(t, e.path)) ?? [])]));
      if (!nested) lines.push(...rulesOf(e, (k) => k === 'ele-1' || ofTypes.has(k)));
    }
  }
  return lines;
}

const elementLines = ['# FHIR R4 (4.0.1) elements. HL7, CC0. Made by convert-structures.mjs; see README.md.'];
for (const s of structures.sort((a, b) => byName(a.name, b.name))) elementLines.push(...structureLines(s));
fs.writeFileSync(path.join(target, 'elements.tsv'), elementLines.join('\n') + '\n');

// --- terminology ----------------------------------------------------------------------------------
const OWN = /^http:\/\/(hl7\.org\/fhir\/|terminology\.hl7\.org\/)/;
// HL7's own code systems that say they excerpt from somebody else's licensed terminology stay out.
const OF_OTHERS = /SNOMED|LOINC|UB04|DICOM|ASTM|ISO Standard|National E-Health/;
// UCUM's symbols, where a value set of HL7's lists them one by one, are facts that anyone may state.
const LISTED = /^http:\/\/unitsofmeasure\.org$/;
const all = entries('valuesets.json', 'v3-codesystems.json', 'v2-tables.json');
const codeSystems = new Map();
for (const r of all) {
  if (r.resourceType !== 'CodeSystem' || !OWN.test(r.url) || !r.concept || r.content === 'supplement') continue;
  if (OF_OTHERS.test(r.copyright ?? '')) continue;
  codeSystems.set(r.url, r);
}
const valueSets = new Map(all.filter((r) => r.resourceType === 'ValueSet' && r.url).map((r) => [r.url, r]));

const property = (c, code) => c.property?.find((p) => p.code === code);
function flatten(concepts, depth = 0, out = [], ancestors = []) {
  for (const c of concepts ?? []) {
    out.push({ code: c.code, display: tidy(c.display), depth, ancestors, abstract: Boolean(property(c, 'notSelectable')?.valueBoolean || property(c, 'abstract')?.valueBoolean) });
    flatten(c.concept, depth + 1, out, [...ancestors, c.code]);
  }
  return out;
}
const concepts = new Map([...codeSystems].map(([url, r]) => [url, flatten(r.concept)]));

const OPERATORS = {
  'is-a': (c, v) => c.code === v || c.ancestors.includes(v),
  'descendent-of': (c, v) => c.ancestors.includes(v),
  'is-not-a': (c, v) => c.code !== v && !c.ancestors.includes(v),
};
// A set is a map from system to codes, in order; undefined when it cannot be enumerated from what is here.
function includeSet(include, seen) {
  const sets = (include.valueSet ?? []).map((u) => expansion(u.split('|')[0], seen));
  if (sets.some((s) => !s)) return undefined;
  let own;
  if (include.system) {
    const known = concepts.get(include.system);
    if (include.concept) {
      if (!known && !LISTED.test(include.system)) return undefined;
      own = include.concept.map((c) => c.code);
    } else if (!known) return undefined;
    else {
      const filters = include.filter ?? [];
      if (filters.some((f) => f.property !== 'concept' || !OPERATORS[f.op])) return undefined;
      own = known.filter((c) => filters.every((f) => OPERATORS[f.op](c, f.value))).map((c) => c.code);
    }
    sets.push(new Map([[include.system, own]]));
  }
  return sets.reduce((a, b) => intersection(a, b));
}
function intersection(a, b) {
  const out = new Map();
  for (const [system, codes] of a) if (b.has(system)) out.set(system, codes.filter((c) => b.get(system).includes(c)));
  return out;
}
function expansion(url, seen = new Set()) {
  const set = valueSets.get(url);
  if (!set?.compose || seen.has(url)) return undefined;
  const inner = new Set([...seen, url]);
  const out = new Map();
  for (const include of set.compose.include) {
    const part = includeSet(include, inner);
    if (!part) return undefined;
    for (const [system, codes] of part) out.set(system, [...new Set([...(out.get(system) ?? []), ...codes])]);
  }
  for (const exclude of set.compose.exclude ?? []) {
    const part = includeSet(exclude, inner);
    if (!part) return undefined;
    for (const [system, codes] of part) out.set(system, (out.get(system) ?? []).filter((c) => !codes.includes(c)));
  }
  return out;
}

const lines = ['# FHIR R4 (4.0.1) terminology. HL7, CC0. Made by convert-structures.mjs; see README.md.'];
for (const url of [...codeSystems.keys()].sort(byName)) {
  const r = codeSystems.get(url);
  lines.push(['system', url, r.version ?? '', tidy(r.title ?? r.name), r.content, r.caseSensitive === false ? 'fold' : ''].join('\t'));
  for (const c of concepts.get(url)) lines.push(`${c.depth}\t${c.code}\t${c.display === c.code ? '' : c.display}${c.abstract ? '\ta' : ''}`);
}
for (const url of [...valueSets.keys()].sort(byName)) {
  const r = valueSets.get(url);
  const set = expansion(url);
  lines.push(['set', url, r.version ?? '', tidy(r.title ?? r.name), set ? '' : 'closed'].join('\t'));
  for (const [system, codes] of set ?? []) {
    const whole = concepts.get(system)?.length === codes.length;
    lines.push(['in', system, ...(whole ? ['*'] : codes)].join('\t'));
  }
}
const text = lines.join('\n') + '\n';
fs.writeFileSync(path.join(target, 'terminology.tsv.gz'), zlib.gzipSync(text, { level: 9 }));
console.log(`elements: ${elementLines.length} lines; terminology: ${codeSystems.size} systems, ${valueSets.size} sets, ${text.length} bytes`);
