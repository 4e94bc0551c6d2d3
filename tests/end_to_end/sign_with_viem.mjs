// Signs typed data as a customer's own wallet would: with viem, which nobody of this project wrote.
// In: {"privateKey": "0x..", "typedData": {...}} as JSON. Out: {"address": "0x..", "signature": "0x.."}.
import { readFileSync } from "node:fs";
import { privateKeyToAccount } from "viem/accounts";

const { privateKey, typedData } = JSON.parse(readFileSync(0, "utf8"));
const account = privateKeyToAccount(privateKey);
const { domain, types, primaryType, message } = typedData;
// viem adds EIP712Domain by itself, from the fields that the domain has.
const { EIP712Domain: _, ...orderTypes } = types;
const signature = await account.signTypedData({ domain, types: orderTypes, primaryType, message });
console.log(JSON.stringify({ address: account.address, signature }));
