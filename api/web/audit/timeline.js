// The history of one payment across all systems, in the order of time.

import { checkButton } from "./check.js";
import { facts, h, moment, money, short, words } from "./dom.js";
import { link } from "./question.js";
import { address, asked } from "./session.js";

/** Everything that is known of one thing, from its request to the last notification. */
export async function timeline({ of }, signal) {
  const found = await asked(address("/v1/audit/timeline", { of }), signal);
  const { subject, items, truncated } = found;
  const said = `${words(subject.kind)} ${subject.id ?? ""}: ${items.length} steps.`;
  const parts = [
    heading(subject),
    h("ol", { class: "timeline", "aria-label": "What happened" }, items.map(step)),
  ];
  if (truncated) parts.push(h("p", { class: "notice" }, "There is more than is shown here."));
  return { said, parts };
}

function heading(subject) {
  const account = (at) =>
    at && h("a", { href: link("events", { account: at }) }, h("code", {}, at));
  return facts([
    [words(subject.kind), subject.id && h("code", {}, subject.id)],
    ["State", subject.state && h("strong", {}, words(subject.state))],
    ["Amount", subject.money && money(subject.money)],
    ["From", account(subject.from_account)],
    ["To", account(subject.to_account)],
    ["Order", subject.order_id && h("code", {}, subject.order_id)],
    ["UETR", subject.uetr && h("code", {}, subject.uetr)],
  ]);
}

function step(item) {
  const onChain = item.system === "chain" && item.transaction_hash && item.log_index !== null;
  const details = Object.entries(item.facts ?? {}).filter(([, value]) => value !== null);
  return h(
    "li",
    { class: `at-${item.system}` },
    h("p", { class: "when" }, moment(item.at), h("span", { class: "tag" }, words(item.system))),
    h("p", {}, item.text),
    h("p", { class: "under" }, where(item)),
    onChain ? checkButton(proof(item)) : null,
    details.length > 0
      ? h("details", {}, h("summary", {}, "Details"), facts(details.map(named)))
      : null,
  );
}

function where({ block_number: block, transaction_hash: transaction, id }) {
  const found = [];
  if (block !== null && block !== undefined) found.push(`Block ${block.toLocaleString("en")}`);
  if (transaction) {
    const href = link("events", { transaction_hash: transaction });
    found.push(h("a", { href }, "transaction ", short(transaction)));
  }
  if (id) found.push(h("code", {}, id));
  return found.flatMap((each, at) => (at === 0 ? [each] : [" · ", each]));
}

const proof = (item) => ({
  title: `${item.facts?.name ?? "Event"}, block ${item.block_number}, log ${item.log_index}`,
  path: "/v1/audit/proofs/events",
  query: { transaction_hash: item.transaction_hash, log_index: item.log_index },
});

function named([name, value]) {
  const said = value?.amount !== undefined && value.currency ? money(value) : value;
  return [words(name), typeof said === "object" ? JSON.stringify(said) : String(said)];
}
