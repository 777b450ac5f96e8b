// Sends requests with the clients of this folder: one request a line on standard input, one answer a line on standard
// output; ../python/driver.py says what is in them.
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import aws4 from "aws4";
import { Client } from "@opensearch-project/opensearch";
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws-v3";
import { Sha256 } from "@aws-crypto/sha256-js";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";

// What is sent, compressed here for clients that do not compress of themselves.
function bodyOf({ body, bodyFile, gzip }) {
  const bytes = bodyFile ? readFileSync(bodyFile) : body == null ? undefined : Buffer.from(body);
  return gzip ? gzipSync(bytes) : bytes;
}

function headersOf({ headers, body, gzip }) {
  return { ...(body ? { "Content-Type": "application/json" } : {}), ...headers, ...(gzip ? { "Content-Encoding": "gzip" } : {}) };
}

function parsed(bytes) {
  const text = bytes.toString();
  try {
    return JSON.parse(text || "null");
  } catch {
    return text;
  }
}

// The endpoint's own https, signed by aws4: what many small Node programs do.
function byAws4(asked, signQuery = false) {
  const { endpoint, region, credentials, method, path, ca } = asked;
  const { host, hostname, port } = new URL(endpoint);
  const body = bodyOf(asked);
  const options = { host, path, method, body, service: "es", region, headers: headersOf(asked), signQuery };
  if (credentials) aws4.sign(options, credentials);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ ...options, host: hostname, port, ca: readFileSync(ca) }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode, body: parsed(Buffer.concat(pieces)) }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

// It compresses of itself, and encodes query parameters of itself.
async function byOpenSearch({ endpoint, region, credentials, method, path, ca, body, bodyFile, gzip, headers }) {
  const signer = credentials ? AwsSigv4Signer({ region, service: "es", getCredentials: async () => credentials }) : {};
  const client = new Client({ ...signer, node: endpoint, ssl: { ca: readFileSync(ca) }, maxRetries: 0, ...(gzip ? { compression: "gzip" } : {}) });
  try {
    const [plain, query] = path.split(/\?(.*)/s);
    const content = bodyFile ? readFileSync(bodyFile, "utf8") : body;
    const answer = await client.transport.request({ method, path: plain, querystring: bag(query), body: content }, { headers });
    return { status: answer.statusCode, body: answer.body };
  } catch (error) {
    if (!error.meta?.statusCode) throw error;
    return { status: error.meta.statusCode, body: error.meta.body };
  } finally {
    await client.close();
  }
}

// The AWS SDK's signer and its own HTTP handler. They take the query as decoded parameters, a path as it goes over the wire.
async function bySmithy(asked, presigned = false) {
  const { hostname, port, host } = new URL(asked.endpoint);
  const [path, query] = asked.path.split(/\?(.*)/s);
  const body = bodyOf(asked);
  const request = new HttpRequest({
    protocol: "https:", hostname, port: Number(port), method: asked.method, path, query: bag(query),
    headers: { host, ...headersOf(asked) }, body,
  });
  const signer = new SignatureV4({ credentials: asked.credentials, region: asked.region, service: "es", sha256: Sha256 });
  const signed = presigned ? await signer.presign(request, { expiresIn: 300 }) : await signer.sign(request);
  const handler = new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(asked.ca) }) });
  try {
    const { response } = await handler.handle(new HttpRequest(signed));
    const pieces = [];
    for await (const piece of response.body) pieces.push(piece);
    return { status: response.statusCode, body: parsed(Buffer.concat(pieces)) };
  } finally {
    handler.destroy();
  }
}

// The SDK's form of a query: null for a parameter without a value, a list for one that comes several times.
function bag(query) {
  const found = {};
  for (const one of (query ?? "").split("&").filter(Boolean)) {
    const [name, value] = one.split(/=(.*)/s).map((text) => decodeURIComponent(text.replaceAll("+", " ")));
    if (name in found) found[name] = [].concat(found[name], value);
    else found[name] = value ?? null;
  }
  return found;
}

const clients = {
  aws4: byAws4,
  "aws4-presigned": (asked) => byAws4(asked, true),
  "opensearch-js": byOpenSearch,
  smithy: bySmithy,
  "smithy-presigned": (asked) => bySmithy(asked, true),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = await clients[asked.client](asked);
  } catch (error) {
    answer = { error: String(error.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
