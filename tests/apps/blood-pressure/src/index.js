import { PRESSURE_QUERY, pressureView } from "shared/pressure.js";
import { start } from "shared/start.js";
import { afterShown, nameChart } from "./choices.js";
import { arrive } from "./session.js";

start({
  arrive,
  type: "Observation",
  data: "målinger",
  query: PRESSURE_QUERY,
  view(found) {
    const { summary, nodes } = pressureView(found);
    afterShown();
    return { summary, nodes: nodes.map((node) => (node?.tagName === "FIGURE" ? nameChart(node) : node)) };
  },
});
