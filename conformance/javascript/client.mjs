// One request with one client, told by JSON on standard input; its outcome as JSON on standard output.
// {"client": "aws4" | "opensearch-js", "endpoint", "region", "credentials": {…} | null, "method", "path", "body"}
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import aws4 from "aws4";
import { Client } from "@opensearch-project/opensearch";
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws-v3";

const asked = JSON.parse(readFileSync(0, "utf8"));
const ca = readFileSync(process.env.NODE_EXTRA_CA_CERTS);

// The endpoint's own https, signed by aws4: what many small Node programs do.
function byAws4({ endpoint, region, credentials, method, path, body }) {
  const { host } = new URL(endpoint);
  const options = { host, path, method, body, service: "es", region, headers: body ? { "Content-Type": "application/json" } : {} };
  if (credentials) aws4.sign(options, credentials);
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ ...options, host: hostname, port, ca }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(pieces).toString() || "null") }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function byOpenSearch({ endpoint, region, credentials, method, path, body }) {
  const signer = credentials ? AwsSigv4Signer({ region, service: "es", getCredentials: async () => credentials }) : {};
  const client = new Client({ ...signer, node: endpoint, ssl: { ca }, maxRetries: 0 });
  try {
    const answer = await client.transport.request({ method, path, body });
    return { status: answer.statusCode, body: answer.body };
  } catch (error) {
    if (!error.meta) throw error;
    return { status: error.meta.statusCode, body: error.meta.body };
  } finally {
    await client.close();
  }
}

const clients = { aws4: byAws4, "opensearch-js": byOpenSearch };
console.log(JSON.stringify(await clients[asked.client](asked)));
