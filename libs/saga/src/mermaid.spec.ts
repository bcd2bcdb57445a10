import { defineSaga } from './define-saga.js';
import { toMermaid } from './mermaid.js';
import { onlyPivot, sampleSaga } from './sample-saga.js';

it('draws a saga that is nothing but a pivot which may be refused', () => {
  expect(toMermaid(defineSaga(onlyPivot))).toBe(`flowchart TD
  start([only-pivot v1]) --> s1
  s1{{"capture<br/>CapturePayment<br/>the pivot: only forward from here"}}
  s1 -->|PaymentCaptured| done
  done([completed])
  s1 -.->|PaymentAuthorizationRejected| undone
  undone([compensated])
`);
});

it('draws the way forward, the point of no return and the way back', () => {
  expect(toMermaid(sampleSaga)).toBe(`flowchart TD
  start([sample v1]) --> s1
  subgraph back ["the deadline or a cancellation turns it back"]
    s1["reserve<br/>ReserveStock"]
    s2["authorize<br/>AuthorizePayment"]
  end
  s3{{"capture<br/>CapturePayment<br/>the pivot: only forward from here"}}
  s4["claim<br/>ClaimStock"]
  s1 -->|StockReserved| s2
  s2 -->|PaymentAuthorized| s3
  s3 -->|PaymentCaptured| s4
  s4 -->|StockClaimed| done
  done([completed])
  s1 -.->|StockReservationRejected| undone
  s2 -.->|PaymentAuthorizationRejected| undo
  back -.-> undo
  undo["undo what was sent<br/>VoidPayment, ReleaseStock"]
  undo -->|PaymentVoided, StockReleased| undone
  undone([compensated])
`);
});
