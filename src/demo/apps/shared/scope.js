// Granted scopes, SMART v2 (`patient/Observation.rs`) and v1 (`patient/Observation.read`).

const SHAPE = /^(?:patient|user)\/(\*|[A-Za-z]+)\.([a-z*]+)(\?.+)?$/;
const V1 = { read: "rs", write: "cud", "*": "cruds" };

/**
 * How much of a resource type a scope string grants for one interaction (`r`, `s`, …).
 * @returns {"all" | "part" | "none"} `part` when the grant is narrowed by a query
 */
export function grants(scope, type, interaction) {
  let best = "none";
  for (const word of String(scope).split(/\s+/)) {
    const [, granted, letters, query] = SHAPE.exec(word) ?? [];
    if (granted !== type && granted !== "*") continue;
    if (!(V1[letters] ?? letters).includes(interaction)) continue;
    if (!query) return "all";
    best = "part";
  }
  return best;
}
