import { expect, it } from 'vitest';
import { trialDefinitions } from '../discovery/trial-definitions.test-support.ts';
import { acceptedPatchTypes } from '../registry/handlers/patch-mechanisms.ts';
import { patchMediaTypes } from './openapi-operations.ts';

it('OpenAPI lists the patches that the handlers accept', () => {
  for (const definition of trialDefinitions) {
    expect([...patchMediaTypes(definition)].sort()).toEqual([...acceptedPatchTypes(definition)].sort());
  }
});
