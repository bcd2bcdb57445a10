// grpc-gateway, set up as its documentation shows. -protected adds what a gateway in production has: a bearer token whose verdict is
// cached until it expires, and a limiter for each subject.
//
//	BENCH_SECRET=… gateway -listen 127.0.0.1:8080 -backend 127.0.0.1:50051 [-protected]
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	benchv1 "ineedthatfast.example/bench/gen/bench/v1"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address")
	backend := flag.String("backend", "127.0.0.1:50051", "address of the gRPC service")
	protected := flag.Bool("protected", false, "asks for a token and limits its subject")
	flag.Parse()

	mux := runtime.NewServeMux()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := benchv1.RegisterShopHandlerFromEndpoint(context.Background(), mux, *backend, options); err != nil {
		log.Fatal(err)
	}
	var handler http.Handler = mux
	if *protected {
		handler = newGate([]byte(os.Getenv("BENCH_SECRET")), mux)
	}
	server := &http.Server{Addr: *listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
