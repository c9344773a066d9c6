import { PRESSURE_QUERY, pressureView } from "./shared/pressure.js";
import { arrive } from "./shared/smart.js";
import { start } from "./shared/start.js";

start({ arrive, type: "Observation", data: "målinger", query: PRESSURE_QUERY, view: pressureView });
