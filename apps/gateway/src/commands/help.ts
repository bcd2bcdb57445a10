export const HELP = `An API gateway: REST in, gRPC out, for every RPC with a google.api.http rule.

  npm run gateway -- --config FILE            serves what FILE says (default: GATEWAY_CONFIG, or the store's own file)
  npm run gateway -- --config FILE --check    only says whether it could be served: 0, or 78 and every wrong line
  npm run gateway -- token --help             makes a key and a token to try an API with

While it runs, a change of FILE, of a descriptor or key file that it names, or SIGHUP puts the new configuration to work; no
request is dropped. A wrong one is refused with its lines and the old one is served on. HTTP_LISTEN and OPS_LISTEN (host:port)
go before the addresses in FILE; LOG_LEVEL, LOG_FORMAT=pretty and the OTEL_* variables are read from the environment.

FILE is YAML. \${NAME} is an environment variable, \${NAME:-text} one with a default; empty is as good as not set. Files are
relative to FILE. Only apis and outgoing are needed:

  listen: { http: 127.0.0.1:8080, ops: 127.0.0.1:9100 }   # the API; health, metrics and the public keys of the gateway
  tls: { cert: gateway.pem, key: gateway.key }            # the API over TLS, HTTP/2 for who asks for it (ALPN)
  http2:
    cleartext: false                      # true, without tls: HTTP/2 also on the plain port, for clients that begin with it
    maxStreams: 100                       # requests at once on one connection
  apis:
    - name: library
      descriptors: library.binpb            # buf build --as-file-descriptor-set -o, or protoc --include_imports
      reflection: { everySeconds: 60 }      # instead: ask the upstreams, at start, on SIGHUP and at this interval
      prefix: /library                      # put before every path
      dialect: strict                       # how far requests may go: strict | google | grpc-gateway (docs/dialects.md)
      channel: http2                        # what carries calls: http2 | grpc-js (costs twice as much; the same promises)
      upstreams:                            # each service by its full name: host:port,host:port, or
        library.v1.Library:
          address: library:50051
          credentials: principal-token      # what it gets in \`authorization\`: a token signed by the gateway | none | forward
          audience: library                 # aud of that token
          tls: { ca: ca.pem, cert: gateway.pem, key: gateway.key }
          channel: http2                    # instead of the API's; of http2 alone:
          balancing: least-loaded           # the replica with the fewest calls | round-robin
          sessions: 1                       # connections to each replica that are kept
      json:                                 # how answers look; what is not said is the dialect's
        unpopulated: without-presence       # [], "", 0 are told, unset enums and messages are not | omitted | all, with nulls
        names: json                         # pageCount | proto: page_count
        enums: names                        # or numbers
      ignore: [library.v1.Internal]         # services in the descriptors that are not served
      policies:                             # gateway.v1.policy, for protos that do not have it, by full name of the RPC
        library.v1.Library.GetBook: { public: true, timeout: 2s }
      defaultPolicy: { authenticated: true, throttle: [{ rate: 5, burst: 10, per: [PRINCIPAL] }] }
      allowPublicDefault: false             # lets defaultPolicy be public
  issuers:                                  # whose access tokens are believed
    - issuer: https://id.example
      audience: library
      jwks: https://id.example/jwks.json    # or a file
      algorithms: [EdDSA]                   # EdDSA, ES256, RS256
      type: at+jwt                          # typ of the tokens, or any
      scopeClaim: scope
      subjectPrefix: "example:"             # needed from the second issuer on
  outgoing:
    allow: [library, id.example, 10.0.0.0/8]
    allowLocal: false                       # true for development: loopback and link-local addresses too
  databaseUrl: \${DATABASE_URL:-}            # only for policies with idempotency
  redisUrl: \${REDIS_URL:-}                  # throttle buckets that replicas share
  corsOrigins: [https://shop.example]
  trustedProxies: [10.0.0.0/8]
  codec: compiled                           # or reflective: no code is made at run time, and JSON costs several times the CPU
  limits: { bodyBytes: 10485760, headerBytes: 10240, headersSeconds: 10, requestSeconds: 60 }
  streams:
    heartbeatSeconds: 15                    # an idle stream says something this often
    perCaller: 100                          # open at once
    bodyBytes: 5368709120                   # of a request that is a stream; limits.bodyBytes is for all others
    messageBytes: 1048576                   # of one message in it, or over WebSocket
  forwardHeaders: [x-tenant]                # request headers that services get as metadata

From two protos to a served API in five minutes: docs/your-own-api.md`;
