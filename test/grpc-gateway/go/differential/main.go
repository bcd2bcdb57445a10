// grpc-gateway with all its defaults, before a service that somebody else runs.
//
//	differential -listen 127.0.0.1:8080 -backend 127.0.0.1:50051
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	checkv1 "ineedthatfast.example/bench/gen/check/v1"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address")
	backend := flag.String("backend", "127.0.0.1:50051", "address of the gRPC service")
	flag.Parse()

	mux := runtime.NewServeMux()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := checkv1.RegisterCheckHandlerFromEndpoint(context.Background(), mux, *backend, options); err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *listen, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
