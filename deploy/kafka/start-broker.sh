#!/bin/bash
# Starts the broker of docker-compose.yml by server.properties as it stands. The image's own start writes a configuration into
# itself first, which a read-only file system does not allow.
set -eu
here=$(dirname "$0")
export LOG_DIR=/tmp/kafka
export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=file:$here/log4j2.properties"

# Storage that was formatted by an earlier start is kept.
KAFKA_HEAP_OPTS=-Xmx128m /opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$here/server.properties"

export KAFKA_OPTS="-Djava.security.auth.login.config=/run/secrets/kafka_server_jaas.conf"
export EXTRA_ARGS="-name kafkaServer" # no log of the garbage collector: it would fill the memory that /tmp is in
exec /opt/kafka/bin/kafka-server-start.sh "$here/server.properties"
