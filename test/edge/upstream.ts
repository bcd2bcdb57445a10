import { TestLibrary } from '../../apps/gateway/test/test-library.js';

const [, , descriptors = ''] = process.argv;
const { address } = await TestLibrary.start(descriptors);
console.log(address);
