import { arrive } from "./shared/smart.js";
import { start } from "./shared/start.js";
import { LABORATORY_QUERY, laboratoryView } from "./results.js";

start({ arrive, type: "Observation", data: "laboratoriesvar", query: LABORATORY_QUERY, view: laboratoryView });
