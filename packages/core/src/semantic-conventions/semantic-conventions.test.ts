import { describe, expect, it } from 'vitest';
import * as exception from './exception.ts';
import * as general from './general.ts';
import * as http from './http.ts';
import * as messaging from './messaging.ts';
import * as otlp from './otlp.ts';
import * as resource from './resource.ts';
import * as throughline from './throughline.ts';

const names = (module: object): [string, string][] =>
  Object.entries(module).filter(([constant]) => /^(?:ATTR|METRIC)_/.test(constant));

describe('the names of attributes and metrics', () => {
  it.each([general, exception, http, messaging, resource, throughline, otlp].flatMap(names))(
    '%s spells its name %s',
    (constant, name) => {
      expect(constant.replace(/^(?:ATTR|METRIC)_/, '')).toBe(name.replaceAll('.', '_').toUpperCase());
    },
  );

  it.each(names(messaging))('%s is a name of the messaging conventions', (_, name) => {
    expect(name).toMatch(/^messaging\./);
  });

  it.each([throughline, otlp].flatMap(names))('%s is a name of ours', (_, name) => {
    expect(name).toMatch(/^throughline\./);
  });
});
