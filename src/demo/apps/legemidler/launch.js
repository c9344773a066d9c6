import { REGISTRATION } from "./registration.js";
import { launch } from "./shared/smart.js";
import { begin } from "./shared/start.js";

begin(() => launch(REGISTRATION));
