// npm install @opensearch-project/opensearch
import { Client } from "@opensearch-project/opensearch";
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws-v3";

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, COUNTERSIGN_ENDPOINT } = process.env;
const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
const client = new Client({
  ...AwsSigv4Signer({ region: AWS_REGION, service: "es", getCredentials: async () => credentials }),
  node: COUNTERSIGN_ENDPOINT,
});
const { body } = await client.info();
console.log(body.version.number);
