import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { type ExecutionContext, SetMetadata } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

const RPC = Symbol('ineedthatfast.rpc');

type Handler<M extends DescMethod> = (
  request: MessageShape<M['input']>,
  ...rest: never[]
) => M extends DescMethodUnary
  ? Promise<MessageInitShape<M['output']>> | MessageInitShape<M['output']>
  : Observable<MessageInitShape<M['output']>> | Promise<Observable<MessageInitShape<M['output']>>>;

type HandlerDecorator<M extends DescMethod> = <H extends Handler<M>>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<H>,
) => void;

/**
 * Makes a controller method the handler of an RPC: `@Rpc(Users.method.getMe)`. Types of request and answer are those of
 * the proto; a stream is answered by an Observable. Parameters: `@Payload() request`, `@CurrentPrincipal() principal`.
 * Before it runs, the principal is verified, the method's `gateway.v1.policy` access rule is checked against it, and
 * the request is validated.
 */
export function Rpc<M extends DescMethodUnary | DescMethodServerStreaming>(method: M): HandlerDecorator<M> {
  const grpcMethod = GrpcMethod(method.parent.typeName, method.name);
  const remember = SetMetadata(RPC, method);
  return (target, key, descriptor) => {
    remember(target, key, descriptor);
    grpcMethod(target, key, descriptor);
  };
}

/** The RPC that the running handler was declared for by `@Rpc`. */
export function rpcOf(context: ExecutionContext): DescMethod | undefined {
  return Reflect.getMetadata(RPC, context.getHandler());
}
