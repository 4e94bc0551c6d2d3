// Checks one bundle beside the page, so that a large or hostile file can't stop it.
// It can ask no server: its own policy lets it load the verifier and nothing else.

import { readTrust, verify } from "/web/verifier.js";

addEventListener("message", ({ data: { bytes, trust } }) => {
  const steps = [];
  const began = performance.now();
  let report;
  try {
    report = verify(new Uint8Array(bytes), readTrust(trust), (step) => {
      steps.push(step);
      postMessage({ step });
    });
  } catch (error) {
    postMessage({ unusable: error.message });
    return;
  }
  postMessage({ report, steps, milliseconds: Math.round(performance.now() - began) });
});
