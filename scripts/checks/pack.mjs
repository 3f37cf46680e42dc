import { installConsumer } from '../packed/consumer.mjs';
import { tarballFolder } from '../packed/scratch-folder.mjs';
import { packPackages } from '../packed/tarballs.mjs';

/** Every published package packs, and the tarballs install together with their peers, without a network. */
export async function run() {
  const packed = await packPackages(tarballFolder);
  return { problems: packed.length > 0 ? packed : await installConsumer() };
}
