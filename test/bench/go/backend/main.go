// The service behind all gateways: answers each method with bytes that were made beforehand, and refuses every request that is
// not, field by field, the one it expects. A stream tells one message and stays open.
//
//	backend -listen 127.0.0.1:50051 -fixtures fixtures.json
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	benchv1 "ineedthatfast.example/bench/gen/bench/v1"
)

// Bytes of messages; JSON has them in base64.
type fixture struct {
	Request  []byte `json:"request"`
	Response []byte `json:"response"`
}

// Requests and answers stay bytes: what a message costs is measured in the gateways alone.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(value any) (mem.BufferSlice, error) {
	message, ok := value.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is no message", value)
	}
	return mem.BufferSlice{mem.SliceBuffer(message)}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, value any) error {
	into, ok := value.(*[]byte)
	if !ok {
		return fmt.Errorf("%T takes no message", value)
	}
	*into = data.Materialize()
	return nil
}

// A method and the only request that it accepts.
type method struct {
	input    protoreflect.MessageDescriptor
	expected proto.Message
	response []byte
	// The bytes that were found right last: a gateway sends the same again and again.
	right atomic.Pointer[string]
}

func newMethod(descriptor protoreflect.MethodDescriptor, f fixture) (*method, error) {
	expected := dynamicpb.NewMessage(descriptor.Input())
	if err := proto.Unmarshal(f.Request, expected); err != nil {
		return nil, fmt.Errorf("%s: %w", descriptor.FullName(), err)
	}
	return &method{input: descriptor.Input(), expected: expected, response: f.Response}, nil
}

func (m *method) check(request []byte) error {
	if right := m.right.Load(); right != nil && *right == string(request) {
		return nil
	}
	got := dynamicpb.NewMessage(m.input)
	if err := proto.Unmarshal(request, got); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if !proto.Equal(got, m.expected) {
		return status.Errorf(codes.InvalidArgument, "this is not what was asked: {%s}, but {%s}", prototext.Format(got), prototext.Format(m.expected))
	}
	right := string(request)
	m.right.Store(&right)
	return nil
}

func (m *method) unary(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var request []byte
	if err := decode(&request); err != nil {
		return nil, err
	}
	if err := m.check(request); err != nil {
		return nil, err
	}
	return m.response, nil
}

func (m *method) stream(_ any, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	if err := m.check(request); err != nil {
		return err
	}
	if err := stream.SendMsg(m.response); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func describe(service protoreflect.ServiceDescriptor, fixtures map[string]fixture) (*grpc.ServiceDesc, error) {
	description := &grpc.ServiceDesc{ServiceName: string(service.FullName()), HandlerType: (*any)(nil)}
	for index := range service.Methods().Len() {
		descriptor := service.Methods().Get(index)
		name := string(descriptor.Name())
		f, ok := fixtures[name]
		if !ok {
			return nil, errors.New("no fixture for " + name)
		}
		m, err := newMethod(descriptor, f)
		if err != nil {
			return nil, err
		}
		if descriptor.IsStreamingServer() {
			description.Streams = append(description.Streams, grpc.StreamDesc{StreamName: name, Handler: m.stream, ServerStreams: true})
		} else {
			description.Methods = append(description.Methods, grpc.MethodDesc{MethodName: name, Handler: m.unary})
		}
	}
	return description, nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:50051", "address")
	file := flag.String("fixtures", "fixtures.json", "request and response of each method")
	flag.Parse()
	content, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	var fixtures map[string]fixture
	if err := json.Unmarshal(content, &fixtures); err != nil {
		log.Fatal(err)
	}
	description, err := describe(benchv1.File_bench_v1_shop_proto.Services().Get(0), fixtures)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodecV2(bytesCodec{}))
	server.RegisterService(description, struct{}{})
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}
