#!/bin/bash
# Health check: asks the broker which requests it knows (ApiVersions, the one request that is answered before signing in) and
# reads its answer. A tool of Kafka would start a Java machine for this, each time.
set -eu
exec 3<>/dev/tcp/127.0.0.1/9092
# Length 10; request 18, version 0; number 1; no client id.
printf '\0\0\0\012\0\022\0\0\0\0\0\001\377\377' >&3
# Length; number 1; error code 0.
answer=$(timeout 3 head -c 10 <&3 | od -An -v -tx1 | tr -d ' \n')
[[ $answer == ????????000000010000 ]] || { echo "answered: ${answer:-nothing}"; exit 1; }
