// Answers every call with as many bytes as its argument says.
import grpc from '@grpc/grpc-js';

const answer = Buffer.alloc(Number(process.argv[2]), 'x');
const asIs = (bytes) => bytes;
const server = new grpc.Server();
const get = {
  ...{ path: '/bench.v1.Bench/Get', requestStream: false, responseStream: false },
  ...{ requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs },
};
server.addService({ get }, { get: (_call, reply) => reply(null, answer) });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send(port);
});
