// An OpenID Connect issuer as people run them: panva's oidc-provider over HTTPS, with fresh keys at each start.
// node issuer.mjs PORT CERTIFICATE KEY   prints one line of JSON when it listens; port 0: any.

import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { Provider } from "oidc-provider";

const [port, certificate, key] = process.argv.slice(2);

// By way of PEM: Node 20 now and then waits for ever when it exports as JWK a key object that came straight from its generator.
function signing(alg, type, options) {
  const encodings = { privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } };
  const { privateKey } = generateKeyPairSync(type, { ...options, ...encodings });
  return { ...createPrivateKey(privateKey).export({ format: "jwk" }), alg, kid: randomUUID(), use: "sig" };
}

const keys = [
  signing("RS256", "rsa", { modulusLength: 2048 }),
  signing("ES256", "ec", { namedCurve: "P-256" }),
];

// The audience that is asked for says how the token is signed and what else it asserts.
const resources = {
  "urn:sts": { alg: "RS256", seconds: 600 },
  "urn:sts-es256": { alg: "ES256", seconds: 600 },
  "urn:sts-short": { alg: "RS256", seconds: 1 },
  "urn:stranger": { alg: "RS256", seconds: 600 },
};

// Where the console has people come back to, if one is to sign them in: anybody, by any name and password.
const redirect = process.env.CONSOLE_REDIRECT;
const people = redirect ? [{
  client_id: "console",
  client_secret: "not much of a secret",
  grant_types: ["authorization_code"],
  redirect_uris: [redirect],
  response_types: ["code"],
  token_endpoint_auth_method: "client_secret_basic",
}] : [];

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.listen(Number(port), "127.0.0.1", () => {
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: ["build-7", "deploy-1"].map((client_id) => ({
      client_id,
      client_secret: "not much of a secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    })).concat(people),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: Boolean(redirect) },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          accessTokenFormat: "jwt",
          accessTokenTTL: resources[resource].seconds,
          audience: resource,
          jwt: { sign: { alg: resources[resource].alg } },
          scope: "api",
        }),
      },
    },
    extraTokenClaims: (_context, token) => ({
      "https://aws.amazon.com/tags": { principal_tags: { client: [token.clientId] }, transitive_tag_keys: ["client"] },
      "https://aws.amazon.com/source_identity": `ci-${token.clientId}`,
    }),
  });
  server.on("request", provider.callback());
  console.log(JSON.stringify({ issuer }));
});
