// The page /audit: questions to the books, and the check of each answer in the reader's own browser.

import { check, startChecks } from "./check.js";
import { byId, h } from "./dom.js";
import { events } from "./events.js";
import { funds } from "./funds.js";
import { looks } from "./looks.js";
import { powers } from "./powers.js";
import { startQuestions, view } from "./question.js";
import { startSession } from "./session.js";
import { statement } from "./statement.js";
import { timeline } from "./timeline.js";
import { totals } from "./totals.js";
import { startTrust } from "./trust.js";

startSession();
startTrust();
startChecks();
view("events", events);
view("timeline", timeline, { asksFirst: true });
view("totals", totals);
view("powers", powers);
view("looks", looks);
view("funds", funds, { asksFirst: true });
view("statement", statement, { asksFirst: true });
startFile();
startQuestions();

/** A bundle that the reader has already is checked without asking anybody. */
function startFile() {
  view("file", async () => ({ said: "", parts: [] }), { asksFirst: true });
  byId("check-file").addEventListener("click", async () => {
    const [file] = byId("bundle").files;
    const said = byId("view-file").querySelector(".answer");
    if (!file) {
      said.replaceChildren(h("p", { class: "problem" }, "Choose a bundle first."));
      byId("bundle").focus();
      return;
    }
    said.replaceChildren();
    await check({ title: file.name, bytes: await file.arrayBuffer() });
  });
}
