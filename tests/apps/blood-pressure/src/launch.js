import { begin } from "shared/start.js";
import { launch } from "./session.js";

begin(launch);
