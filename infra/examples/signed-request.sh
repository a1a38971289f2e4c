#!/usr/bin/env bash
# Sends a request to the HTTP API, signed with AWS credentials. Needs curl 7.86 or newer (older ones
# leave the session token out of the signature) and the right execute-api:Invoke on the API.
#
#   export API_URL=https://…           what the deployment printed
#   export AWS_REGION=…                where the API is
#   export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_SESSION_TOKEN=…
#                                      or: eval "$(aws configure export-credentials --format env)"
#
#   ./signed-request.sh POST /imports '{"ticket": "7369583175086912356"}'
#   ./signed-request.sh GET /imports/default_7369583175086912356_1
#   ./signed-request.sh DELETE /imports/default_7369583175086912356_1

set -euo pipefail

method=${1:?method, path and body, such as: POST /imports \'{\"ticket\": \"…\"\}\'}
path=${2:?path, such as /imports}
body=${3-}
: "${API_URL:?the address of the API}" "${AWS_REGION:?the region of the API}"
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"

arguments=(--silent --show-error --fail-with-body --include --request "$method")
arguments+=(--aws-sigv4 "aws:amz:$AWS_REGION:execute-api")
if [[ -n $body ]]; then
  arguments+=(--header 'content-type: application/json' --data-raw "$body")
fi

# credentials go in by standard input: arguments can be seen by everybody on the machine
{
  printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
  if [[ -n ${AWS_SESSION_TOKEN-} ]]; then
    printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"
  fi
} | curl "${arguments[@]}" --config - "${API_URL%/}$path"
