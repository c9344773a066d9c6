import { arrive } from "./shared/smart.js";
import { start } from "./shared/start.js";
import { MEDICATION_QUERY, medicationView } from "./medications.js";

start({ arrive, type: "MedicationRequest", data: "legemidler", query: MEDICATION_QUERY, view: medicationView });
