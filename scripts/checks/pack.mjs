import { installConsumer } from '../packed/consumer.mjs';
import { packPackages } from '../packed/tarballs.mjs';

/** Every published package packs, and the tarballs install together with their peers, without a network. */
export async function run() {
  const packed = await packPackages();
  return { problems: packed.length > 0 ? packed : await installConsumer() };
}
