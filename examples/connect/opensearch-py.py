# pip install boto3 opensearch-py
import os
from urllib.parse import urlsplit

import boto3
from opensearchpy import OpenSearch, RequestsAWSV4SignerAuth, RequestsHttpConnection

endpoint = urlsplit(os.environ["COUNTERSIGN_ENDPOINT"])
auth = RequestsAWSV4SignerAuth(boto3.Session().get_credentials(), os.environ["AWS_REGION"], "es")
client = OpenSearch(
    hosts=[{"host": endpoint.hostname, "port": endpoint.port or 443}],
    http_auth=auth,
    use_ssl=True,
    verify_certs=True,
    connection_class=RequestsHttpConnection,
)
print(client.info()["version"]["number"])
