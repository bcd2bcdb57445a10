import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '#libs/embedded';
import { assertPortsFree, choosePorts } from './ports.js';

describe('the ports of a store', () => {
  it('are the documented ones, moved by an offset', async () => {
    expect(await choosePorts(0)).toMatchObject({ gateway: 8080, 'orders gRPC': 50053, Kafka: 9092, PostgreSQL: 54329 });
    expect(await choosePorts(1000)).toMatchObject({ gateway: 9080, 'users ops': 10_101 });
  });

  it('are free ones when any will do, no two the same', async () => {
    const ports = await choosePorts('any');
    await assertPortsFree(ports, []);
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
  });

  it('are named when somebody else holds one, with what to do', async () => {
    const kafka = await freePort();
    const ports = { ...(await choosePorts('any')), Kafka: kafka };
    const other = createServer().listen(kafka, '127.0.0.1');
    await once(other, 'listening');
    const refused = assertPortsFree(ports, []);
    await expect(refused).rejects.toThrow(`Port ${kafka} (Kafka) is in use by another program.`);
    await expect(refused).rejects.toThrow(/STORE_PORT_OFFSET=1000 npm start\n.*KAFKA_BROKERS=/);
    await assertPortsFree(ports, ['Kafka']);
    other.close();
  });
});
