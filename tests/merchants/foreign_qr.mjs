// Two EMVCo libraries that are not ours. Input, one JSON value: {"read": [payload, ...], "write": [fields, ...]}.
// Output: what both read of each payload, and the payload that one of them makes of the fields.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const emvqr = require("emvqr");
const { Merchant } = require("steplix-emv-qrcps");

const asked = JSON.parse(readFileSync(0, "utf8"));

function asEmvqrReads(payload) {
  const flat = (data) =>
    typeof data === "string"
      ? data
      : Object.fromEntries(Object.entries(data).map(([id, field]) => [id, flat(field.data)]));
  return flat(emvqr.decode(payload));
}

// What it read, written again: checksum and all.
function asSteplixReads(payload) {
  return Merchant.Parser.toEMVQR(payload).generatePayload();
}

function asSteplixWrites(fields) {
  const qr = Merchant.buildEMVQR();
  qr.setPayloadFormatIndicator("01");
  qr.setPointOfInitiationMethod(fields["01"]);
  const account = Merchant.buildMerchantAccountInformation();
  const { "00": guid, ...more } = fields["26"];
  account.setGloballyUniqueIdentifier(guid);
  for (const [id, value] of Object.entries(more)) account.addPaymentNetworkSpecific(id, value);
  qr.addMerchantAccountInformation("26", account);
  qr.setMerchantCategoryCode(fields["52"]);
  qr.setTransactionCurrency(fields["53"]);
  qr.setTransactionAmount(fields["54"]);
  qr.setCountryCode(fields["58"]);
  qr.setMerchantName(fields["59"]);
  qr.setMerchantCity(fields["60"]);
  const more62 = Merchant.buildAdditionalDataFieldTemplate();
  more62.setReferenceLabel(fields["62"]["05"]);
  qr.setAdditionalDataFieldTemplate(more62);
  return qr.generatePayload();
}

process.stdout.write(
  JSON.stringify({
    emvqr: asked.read.map(asEmvqrReads),
    steplix: asked.read.map(asSteplixReads),
    written: asked.write.map(asSteplixWrites),
  }),
);
