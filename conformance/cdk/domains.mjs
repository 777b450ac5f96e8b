// Domains as CDK's constructs make them, and nothing else: the properties of each, and the calls that its custom resources make.
//     npm ci && node domains.mjs > domains.json
import { App, Stack } from "aws-cdk-lib";
import * as elasticsearch from "aws-cdk-lib/aws-elasticsearch";
import * as iam from "aws-cdk-lib/aws-iam";
import * as opensearch from "aws-cdk-lib/aws-opensearchservice";

const MASTER = "arn:aws:iam::123456789012:user/master";
const allow = () =>
  new iam.PolicyStatement({ actions: ["es:*"], principals: [new iam.ArnPrincipal(MASTER)], resources: ["*"] });
const secure = { enforceHttps: true, nodeToNodeEncryption: true, encryptionAtRest: { enabled: true } };
const logging = { slowSearchLogEnabled: true, slowIndexLogEnabled: true, appLogEnabled: true, auditLogEnabled: true };

// Each construct at its defaults; then with fine-grained access control, by the ARN of its master user and by a name.
const DOMAINS = {
  "opensearch-defaults": (stack) =>
    new opensearch.Domain(stack, "Domain", { version: opensearch.EngineVersion.openSearch("2.19") }),
  "opensearch-master-arn": (stack) =>
    new opensearch.Domain(stack, "Domain", {
      version: opensearch.EngineVersion.openSearch("2.19"), ...secure, logging,
      fineGrainedAccessControl: { masterUserArn: MASTER }, accessPolicies: [allow()],
    }),
  "opensearch-master-name": (stack) =>
    new opensearch.Domain(stack, "Domain", {
      version: opensearch.EngineVersion.openSearch("2.19"), useUnsignedBasicAuth: true,
      fineGrainedAccessControl: { masterUserName: "master" },
    }),
  "elasticsearch-defaults": (stack) =>
    new elasticsearch.Domain(stack, "Domain", { version: elasticsearch.ElasticsearchVersion.V7_10 }),
  "elasticsearch-master-arn": (stack) =>
    new elasticsearch.Domain(stack, "Domain", {
      version: elasticsearch.ElasticsearchVersion.V7_10, ...secure, logging,
      fineGrainedAccessControl: { masterUserArn: MASTER }, accessPolicies: [allow()],
    }),
};

const recorded = {};
for (const [name, make] of Object.entries(DOMAINS)) {
  const app = new App({ analyticsReporting: false });
  make(new Stack(app, name));
  const { Resources } = app.synth().getStackByName(name).template;
  const all = Object.entries(Resources);
  const [id, domain] = all.find(([, it]) => /^AWS::(OpenSearchService|Elasticsearch)::Domain$/.test(it.Type));
  const custom = all.filter(([, it]) => it.Type.startsWith("Custom::"));
  recorded[name] = {
    id,
    type: domain.Type,
    properties: domain.Properties,
    calls: custom.map(([, it]) => ({ type: it.Type, create: it.Properties.Create })),
  };
}
console.log(JSON.stringify(recorded, null, 1));
