import { prepareChromium } from './chromium.ts';

/** The `globalSetup` of the browser project: unpacks Chromium the first time a browser test runs. */
export default async function makeChromiumReady(): Promise<void> {
  await prepareChromium();
}
