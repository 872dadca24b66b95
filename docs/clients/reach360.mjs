// A client of Reach 360's API, as an integrator would write it, to run and to copy from. It knows nothing of Stoa.
//
//   REACH_URL=https://api.reach360.com REACH_KEY=... node reach360.mjs <command> ...
//
//   create <targetUrl> <event,event> [secret] [version]   registers a webhook
//   list <resource> [limit]     walks users, courses, groups, learning-paths or webhooks to the end, page by page
//   get <path or address>       reads one thing, such as webhooks/whk_1, or whatever an address in an answer leads to
//   put <path>, delete <path>   enrols, takes off, deletes
//   receive <port> <count>      verifies and prints so many deliveries, follows their links, and ends
//
// Without dependencies. Node 18 or newer.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

export class ReachError extends Error {
  constructor(status, errors) {
    super(errors.map(({ code, message }) => `${status} ${code}: ${message}`).join("; "));
    this.status = status;
    this.codes = errors.map(({ code }) => code);
  }
}

export class Reach {
  constructor(url, key, version = "2023-04-04") {
    Object.assign(this, { url: url.replace(/\/$/, ""), key, version });
  }

  // Addresses in answers are whole ones and are called as they are.
  async call(method, where, body) {
    const address = /^https?:/.test(where) ? where : `${this.url}/${where.replace(/^\//, "")}`;
    const headers = { Authorization: `Bearer ${this.key}`, "API-Version": this.version };
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    if (!response.headers.get("API-Version")) throw new Error(`${address} does not say its version`);
    if (response.status === 204) return null;
    const answer = await response.json();
    if (!response.ok) throw new ReachError(response.status, answer.errors);
    return answer;
  }

  // Every row of a list, whatever the number of its pages.
  async *all(resource, limit) {
    const name = resource.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    let next = limit ? `${resource}?limit=${limit}` : resource;
    while (next) {
      const page = await this.call("GET", next);
      yield* page[name];
      next = page.nextUrl;
    }
  }

  create(targetUrl, events, sharedSecret, apiVersion) {
    return this.call("POST", "webhooks", { targetUrl, events, sharedSecret, apiVersion });
  }
}

// X-Hook-Signature: the HMAC-SHA1 of the bytes that came, in hexadecimal.
export function verifies(secret, body, signature) {
  const [ours, theirs] = [createHmac("sha1", secret).update(body).digest(), Buffer.from(signature ?? "", "hex")];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

// Every address inside, but for pictures.
function addresses(tree) {
  if (tree === null || typeof tree !== "object") return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    (name === "url" || name.endsWith("Url")) && name !== "coverImageUrl" && value ? [value] : addresses(value),
  );
}

async function receive(reach, secret, port, count) {
  const deliveries = [];
  let done;
  const enough = new Promise((resolve) => (done = resolve));
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const good = verifies(secret, body, request.headers["x-hook-signature"]);
    response.writeHead(good ? 204 : 401).end();
    deliveries.push({ good, version: request.headers["api-version"], body: JSON.parse(body) });
    if (deliveries.length === count) done();
  }).listen(port, "127.0.0.1");
  await enough;
  server.close();
  server.closeAllConnections();
  for (const { good, version, body } of deliveries.sort((a, b) => a.body.type.localeCompare(b.body.type))) {
    const links = [...new Set(addresses(body.data))];
    for (const link of links) await reach.call("GET", link);
    print({ type: body.type, verified: good, version, pinned: body.apiVersion === version, links: links.length });
  }
}

const print = (value) => console.log(JSON.stringify(value, null, 2));

async function main([command, ...words]) {
  const { REACH_URL, REACH_KEY, REACH_VERSION, REACH_SECRET } = process.env;
  const reach = new Reach(REACH_URL, REACH_KEY, REACH_VERSION);
  switch (command) {
    case "create":
      return print(await reach.create(words[0], words[1].split(","), words[2] || undefined, words[3]));
    case "list":
      for await (const row of reach.all(...words)) print(row);
      return;
    case "get":
      return print(await reach.call("GET", words[0]));
    case "put":
    case "delete":
      return void (await reach.call(command.toUpperCase(), words[0]));
    case "receive":
      return receive(reach, REACH_SECRET, Number(words[0]), Number(words[1]));
    default:
      throw new Error("say create, list, get, put, delete or receive");
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.log(JSON.stringify({ status: error.status, codes: error.codes, message: error.message }));
    process.exitCode = 1;
  });
}
