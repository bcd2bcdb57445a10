#!/bin/bash
# Runs a tool of Kafka as its administrator, beside the broker:
#   docker compose exec kafka bash /opt/store/as-admin.sh kafka-consumer-groups.sh --describe --all-groups
# Any that takes --command-config: topics, groups, ACLs, configs, offsets. The console consumer and producer do not.
set -eu
if [[ $# = 0 || $1 = --help ]]; then sed -n 2,4p "$0"; exit; fi
tool=$1; shift
here=$(dirname "$0")
export LOG_DIR=/tmp/kafka KAFKA_HEAP_OPTS=-Xmx128m
export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=file:$here/log4j2.properties"
export KAFKA_OPTS="-Djava.security.auth.login.config=/run/secrets/kafka_server_jaas.conf"
exec "/opt/kafka/bin/$tool" --bootstrap-server 127.0.0.1:9092 --command-config "$here/admin.properties" "$@"
