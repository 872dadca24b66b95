// A receiver of Stoa's webhooks in all three dialects, to run and to copy from.
//
//   npm install standardwebhooks
//   SECRET=whsec_... node receiver.mjs 9000
//   PUBLIC_KEY=whpk_... node receiver.mjs 9000    for a webhook that is signed with a pair of keys (v1a)
//
// It listens on 127.0.0.1, one path for each dialect: /talktiko, /teachbase, /reach360. It answers 204 to what
// verifies and 401 to what does not, and prints a line of JSON for each. Port 0 is any free one.

import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const BODY_MAX_BYTES = 1024 * 1024;
const TOLERANCE_SECONDS = 300;
const secret = process.env.SECRET;
const publicKey = process.env.PUBLIC_KEY;
if (!secret && !publicKey) throw new Error("say SECRET=whsec_... as the webhook's creation answered it, or PUBLIC_KEY=whpk_...");

// webhook-signature, webhook-id and webhook-timestamp, in every dialect. Throws unless one of the signatures is right
// and the timestamp is at most five minutes old. Verify the bytes that came, before anything parses them.
function verifyStandard(headers, body) {
  new Webhook(secret).verify(body, headers);
}

// X-Signature-256, in the dialect talktiko: keyed by the secret's text as it is shown, whsec_ included. It covers no
// time, so whoever fears replays verifies the standard headers too.
function verifyTalktiko(headers, body) {
  insist(headers["x-signature-256"], "sha256=" + createHmac("sha256", secret).update(body).digest("hex"));
}

// X-Hook-Signature, in the dialect reach360: the same with SHA-1 and without a prefix.
function verifyReach360(headers, body) {
  insist(headers["x-hook-signature"], createHmac("sha1", secret).update(body).digest("hex"));
}

// The same three headers with a pair of keys: webhook-signature has v1a, then, and nothing here is secret. Ed25519 is
// a part of node; the 12 bytes before the key say so in the form that it wants.
function verifyPair(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= TOLERANCE_SECONDS)) throw new Error("the timestamp is not of now");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(publicKey.slice(5), "base64")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const message = Buffer.concat([Buffer.from(`${id}.${at}.`), body]);
  const isGood = (one) => one.startsWith("v1a,") && verify(null, message, key, Buffer.from(one.slice(4), "base64"));
  if (!signatures.split(" ").some(isGood)) throw new Error("the signature does not verify");
}

function insist(given, expected) {
  const [ours, theirs] = [Buffer.from(expected), Buffer.from(given ?? "")];
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) throw new Error("the signature does not verify");
}

const checks = publicKey
  ? { talktiko: [verifyPair], teachbase: [verifyPair], reach360: [verifyPair] }
  : {
      talktiko: [verifyTalktiko, verifyStandard],
      teachbase: [verifyStandard],
      reach360: [verifyReach360, verifyStandard],
    };

// An event may be sent again, always under the same webhook-id; other webhooks get it under that id too. In earnest
// this is a table with a unique key, written in the transaction that uses the event.
const seen = new Set();

async function read(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > BODY_MAX_BYTES) throw new Error("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const server = createServer(async (request, response) => {
  const dialect = new URL(request.url, "http://localhost").pathname.slice(1);
  const id = request.headers["webhook-id"];
  const tell = (verdict, more) => console.log(JSON.stringify({ dialect, id, verdict, ...more }));
  try {
    const body = await read(request);
    if (!Object.hasOwn(checks, dialect)) throw new Error("no such dialect");
    for (const check of checks[dialect]) check(request.headers, body);
    const { type } = JSON.parse(body);
    // Thank at once; work afterwards. Who takes longer than 15 seconds is asked again.
    response.writeHead(204).end();
    const key = `${dialect} ${id}`;
    if (seen.has(key)) return tell("repeated");
    seen.add(key);
    tell("verified", { type });
  } catch (error) {
    response.writeHead(401).end();
    tell("refused", { why: error.message });
  }
});

server.listen(Number(process.argv[2] ?? 9000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
