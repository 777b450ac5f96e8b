#!/bin/sh
# One signed request. Needs curl 7.75 or newer.
curl --fail --silent --show-error --cacert "$AWS_CA_BUNDLE" --aws-sigv4 "aws:amz:$AWS_REGION:es" \
     --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${AWS_SESSION_TOKEN:+-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"} \
     "$COUNTERSIGN_ENDPOINT/"
