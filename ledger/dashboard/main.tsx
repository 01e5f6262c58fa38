// Starts the pages: pins the policy on the first visit, then shows the address asked for.
import "@uswds/uswds/css/uswds.min.css";
import "uplot/dist/uPlot.min.css";
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/tables.css";
import "./style/forms.css";
import "./style/charts.css";
import "./style/evidence.css";
import "./style/narrow.css";
import "./style/print.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { pinOnFirstUse } from "./trust/pinned-policy.ts";

// Canvas colours come from the style sheet; on paper they are the light ones (style/tokens.css).
window.addEventListener("beforeprint", () => document.documentElement.classList.add("printing"));
window.addEventListener("afterprint", () => document.documentElement.classList.remove("printing"));

pinOnFirstUse().catch(() => undefined);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
