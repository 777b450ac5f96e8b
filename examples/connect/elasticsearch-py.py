# pip install boto3 requests-aws4auth 'elasticsearch<7.14'
import os
from urllib.parse import urlsplit

import boto3
from elasticsearch import Elasticsearch, RequestsHttpConnection
from requests_aws4auth import AWS4Auth

endpoint = urlsplit(os.environ["COUNTERSIGN_ENDPOINT"])
credentials = boto3.Session().get_credentials()
auth = AWS4Auth(credentials.access_key, credentials.secret_key, os.environ["AWS_REGION"], "es", session_token=credentials.token)
client = Elasticsearch(
    hosts=[{"host": endpoint.hostname, "port": endpoint.port or 443}],
    http_auth=auth,
    use_ssl=True,
    verify_certs=True,
    connection_class=RequestsHttpConnection,
)
print(client.info()["version"]["number"])
