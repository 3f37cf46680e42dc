import { createRequire, register } from 'node:module';

/** `bullmq` in the modules that are imported from now on is BullMQ 5. */
const hooks = `
  export const resolve = (specifier, context, next) =>
    specifier === 'bullmq' ? next('bullmq-5', { ...context, parentURL: '${import.meta.url}' }) : next(specifier, context);
`;

/**
 * BullMQ's own classes of the major that a subject's address asks for.
 *
 * @param {URLSearchParams} settings `major=5`, else the newest
 * @returns {{ Queue: any, Worker: any }}
 */
export function bullmqOf(settings) {
  // By `require`, where instrumentations patch a module.
  return createRequire(import.meta.url)(settings.get('major') === '5' ? 'bullmq-5' : 'bullmq');
}

/**
 * The drop-in classes, on the major that a subject's address asks for.
 *
 * @param {URLSearchParams} settings
 * @returns {Promise<{ Queue: any, Worker: any }>}
 */
export async function dropInsOf(settings) {
  if (settings.get('major') === '5') register(`data:text/javascript,${encodeURIComponent(hooks)}`);
  return import('@throughline/bullmq');
}
